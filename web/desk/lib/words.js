/**
 * The server's words, as people read them.
 */

/** @param {string} word snake_case */
export const readable = (word) => {
  const text = word.replaceAll("_", " ").trim();
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
};

/** @type {Record<string, string>} */
const INTENTS = { out_of_scope: "Something else" };

/** @param {string|null|undefined} intent */
export const intentWords = (intent) => (intent ? INTENTS[intent] ?? readable(intent) : "");

/** @type {Record<string, string>} why a matter needs a person */
const REASONS = {
  asks_for_person: "asks for a person", repeated_failure: "was not helped, repeatedly", anger: "is very angry", legal_or_public_threat: "threatens with the law or the public",
  safety: "somebody's safety may be at stake", policy_exception: "asks for an exception", vulnerable_customer: "may need particular care",
};

/** @param {string|null|undefined} reason */
export const reasonWords = (reason) => (reason ? REASONS[reason] ?? readable(reason).toLocaleLowerCase() : "");

/** @type {Record<string, {word: string, tone: string}>} */
const STATES = {
  bot: { word: "Steward answers", tone: "accent" },
  queued: { word: "In line", tone: "warn" },
  agent: { word: "With a person", tone: "info" },
  closed: { word: "Closed", tone: "neutral" },
};

/**
 * @param {string} state
 * @param {string|null} assignee
 * @param {string} me
 */
export function stateWords(state, assignee, me) {
  if (state === "agent" && assignee) return { word: assignee === me ? "With you" : `With ${assignee}`, tone: assignee === me ? "good" : "info" };
  return STATES[state] ?? { word: readable(state), tone: "neutral" };
}

/** @type {Record<string, string>} what happened, in the course of a conversation */
const EVENTS = {
  handed_off: "put in line for a person", agent_joined: "joined", agent_left: "gave the word back to Steward", nobody_came: "Nobody came in time; Steward answers again", closed: "closed the conversation", snoozed: "was snoozed",
};

/**
 * @param {string} event
 * @param {string|null} [who]
 */
export function eventWords(event, who = null) {
  const words = EVENTS[event] ?? readable(event).toLocaleLowerCase();
  if (event === "handed_off") return who ? `${who} put it in line for a person` : "Put in line for a person";
  if (event === "nobody_came") return words;
  if (event === "closed") return who ? `${who} closed the conversation` : "Closed";
  if (event === "agent_left") return who ? `${who} gave the word back to Steward` : "Steward answers again";
  return who ? `${who} ${words}` : event === "agent_joined" ? "A person joined" : readable(words);
}

/** @type {Record<string, {word: string, icon: string}>} */
const KINDS = {
  answer: { word: "Answer", icon: "check" }, clarify: { word: "Ask back", icon: "gap" }, hand_off: { word: "Take over", icon: "hand" },
  canned: { word: "Canned", icon: "bolt" }, similar: { word: "As before", icon: "returns" },
};

/** @param {string} kind */
export const suggestionKind = (kind) => KINDS[kind] ?? { word: readable(kind), icon: "spark" };

/**
 * The customer's name, or what stands for it.
 * @param {{owner_name?: string|null, owner?: string, signed_in?: boolean}} entry
 */
export function customerName({ owner_name: name, owner = "", signed_in: isSignedIn }) {
  if (name) return name;
  const [, id = ""] = owner.split(/:(.*)/);
  return isSignedIn ? id : `Visitor ${id.replaceAll("-", "").slice(-4)}`;
}

/**
 * The name whose initials stand for a customer; none for a visitor without one.
 * @param {{owner_name?: string|null, owner?: string, signed_in?: boolean}} entry
 */
export const faceOf = (entry) => entry.owner_name ?? (entry.signed_in ? customerName(entry) : "");

/** @param {number} probability */
export const percent = (probability) => `${Math.round(probability * 100)}%`;

/** @param {number} bytes */
export function fileSize(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
