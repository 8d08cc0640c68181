/**
 * How settings are called and grouped, for those that people change most; every other setting is named after its key. The sentence
 * below each is the server's own.
 */

/** @type {Record<string, string>} */
const NAMES = {
  "desk.mode": "Who answers",
  "desk.suggest_intents": "Intents that are only suggested",
  "desk.answer_from": "Answer only from this confidence on",
  "agent.policy.hand_off_from": "Hand over from this risk on",
  "agent.policy.apologise_from": "Apologise from this dissatisfaction on",
  "agent.policy.knowledge_from": "An article may answer from this nearness on",
  "agent.policy.knowledge_from_out_of_scope": "The same for messages out of scope",
  "agent.policy.intent_from": "An intent decides alone from this nearness on",
  "agent.policy.account_from": "Records may answer from this strength on",
  "agent.policy.most_sentences": "Sentences of an article in one reply",
  "hand_off.wait_seconds": "Longest wait in line, in seconds",
  "hand_off.fallback": "When nobody comes",
  "hand_off.waited_out": "What the customer is told then",
  "hand_off.away_seconds": "A person may be away, in seconds",
};

/** @type {Record<string, Record<string, [string, string]>>} name and meaning of a choice */
export const CHOICES = {
  "desk.mode": {
    answer: ["Steward answers by itself", "Replies go to the customer at once. Steward hands over where a person is needed."],
    suggest: ["Steward only suggests", "Every reply waits for a person, who accepts, edits or rejects it."],
    by_intent: ["Steward suggests for some intents", "Messages of the intents you choose wait for a person; all others are answered."],
  },
  "hand_off.fallback": {
    keep: ["Keep the customer in line", "They are told that nobody is free yet, once, and stay in line."],
    steward: ["Steward answers again", "The conversation goes back to Steward."],
  },
};

export const GROUPS = [
  {
    title: "Who answers",
    about: "The same rules hold in the chat, in the API and in the evaluation.",
    keys: ["desk.mode", "desk.suggest_intents", "desk.answer_from"],
  },
  {
    title: "When a person is needed",
    about: "Every message is judged for how likely the matter needs a person. Lower hands over sooner and costs people more time; higher lets more customers get angry first.",
    keys: ["agent.policy.hand_off_from", "agent.policy.apologise_from"],
  },
  { title: "The line", keys: ["hand_off.wait_seconds", "hand_off.fallback", "hand_off.waited_out", "hand_off.away_seconds"] },
  {
    title: "What counts as knowing",
    about: "How near an article, an intent or a record must be to the question. Lower answers more and is wrong more often; higher asks back and hands over more.",
    keys: [
      "agent.policy.knowledge_from", "agent.policy.knowledge_from_out_of_scope", "agent.policy.intent_from", "agent.policy.account_from",
      "agent.policy.most_sentences",
    ],
  },
];

/** @param {string} key */
export function nameOf(key) {
  const last = key.split(".").at(-1) ?? key;
  const words = last.replaceAll("_", " ");
  return NAMES[key] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** @type {Record<string, string>} */
export const SOURCES = {
  default: "Steward's own",
  file: "from config.toml",
  desk: "changed here",
  environment: "from the environment",
};

/**
 * What a threshold means at a value, in one sentence; null for settings that are no thresholds.
 * @param {string} key
 * @param {number} value 0 to 1
 */
export function meaningOf(key, value) {
  const part = `${Math.round(value * 100)}%`;
  switch (key) {
    case "agent.policy.hand_off_from":
      return `Now: a matter goes to a person once Steward is ${part} sure that it needs one.`;
    case "agent.policy.apologise_from":
      return `Now: a reply begins with an apology once Steward is ${part} sure that the customer is dissatisfied.`;
    case "desk.answer_from":
      return value === 0 ? "Now: confidence holds no reply back." : `Now: a reply that Steward is less than ${part} sure of waits for a person.`;
    default:
      return null;
  }
}
