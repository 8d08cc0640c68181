/**
 * What is done to a conversation through a dialog: assign, snooze, tags, whisper, correct a judgement. Each asks, does it, and says what came of it.
 */

import { fill, h, icon, toast } from "/design/index.js";
import { get, post, put } from "../api.js";
import { members } from "../lib/shared.js";
import { snoozeChoices, until } from "../lib/time.js";
import { readable } from "../lib/words.js";
import { session } from "../session.js";

/** @import { Conversation } from "../lib/conversation.js" */
/** @import { StDialog } from "/design/index.js" */

/**
 * @param {string} heading
 * @param {(dialog: StDialog) => (Node|null)[]} make
 * @returns {Promise<any>} what it was closed with
 */
function dialog(heading, make) {
  const element = /** @type {StDialog} */ (h("st-dialog", { heading }));
  element.append(...make(element).filter((each) => each !== null));
  document.body.append(element);
  return new Promise((resolve) => {
    element.addEventListener("close", (event) => {
      element.remove();
      resolve(/** @type {CustomEvent} */ (event).detail);
    });
    element.show();
  });
}

/** @param {StDialog} element @param {{value: any, label: string, icon: string, hint?: string, isChosen?: boolean, isFirst?: boolean}[]} choices */
function list(element, choices) {
  return h("div", { role: "group" }, choices.map(({ value, label, icon: name, hint, isChosen, isFirst }) => {
    const button = h("st-button", { class: "dialog-choice", variant: "quiet", icon: name, pressed: isChosen ? "true" : null, autofocus: isFirst, onclick: () => element.close({ value }) }, label, hint ? h("span", { class: "hint" }, ` ${hint}`) : null);
    return button;
  }));
}

/** @param {string} what @param {() => Promise<unknown>} run @param {string} done */
async function attempt(what, run, done) {
  try {
    await run();
    toast(done, { kind: "good" });
  } catch (problem) {
    toast(`${what}: ${/** @type {Error} */ (problem).message}`, { kind: "bad" });
  }
}

/** @param {Conversation} conversation */
export async function assign(conversation) {
  await members.read();
  const chosen = await dialog("Who should take it?", (element) => [list(element, [
    { value: session.name, label: "You", icon: "hand", isFirst: true, isChosen: conversation.entry.assigned_to === session.name },
    ...members.list.filter(({ name }) => name !== session.name).map(({ name, online, holding }) => ({ value: name, label: name, icon: "person", hint: `${online ? "here" : "away"} · has ${holding}`, isChosen: conversation.entry.assigned_to === name })),
    ...(conversation.entry.assigned_to ? [{ value: null, label: "Nobody", icon: "cross" }] : []),
  ])]);
  if (chosen === null) return;
  const to = chosen.value;
  await attempt("It was not assigned", async () => {
    await post(`${conversation.path}/assign`, { to });
    conversation.update({ assigned_to: to });
  }, to === null ? "It is assigned to nobody." : to === session.name ? "It is for you." : `${to} is asked to take it.`);
}

/** @param {Conversation} conversation */
export async function snooze(conversation) {
  const isSnoozed = Boolean(conversation.entry.snoozed_until_ms);
  const own = h("st-field", { label: "Or until", type: "datetime-local" });
  const chosen = await dialog("Out of sight until", (element) => [
    list(element, [...snoozeChoices().map(({ label, at }, index) => ({ value: at, label, icon: "moon", hint: until(at), isFirst: index === 0 })), ...(isSnoozed ? [{ value: null, label: "Wake it now", icon: "sun" }] : [])]),
    own,
    h("p", { class: "quiet" }, "It also wakes when the customer writes."),
    h("st-button", { slot: "footer", variant: "primary", onclick: () => (Date.parse(own.value) > Date.now() ? element.close({ value: Date.parse(own.value) }) : (own.error = "Choose a time that is still to come.")) }, "Snooze"),
  ]);
  if (chosen === null) return;
  await attempt("It was not snoozed", async () => {
    await post(`${conversation.path}/snooze`, { until_ms: chosen.value });
    conversation.update({ snoozed_until_ms: chosen.value });
  }, chosen.value === null ? "It is awake." : `Out of sight until ${until(chosen.value)}.`);
}

/** @param {Conversation} conversation */
export async function tags(conversation) {
  const known = await get("/v1/desk/tags").then(({ tags: all }) => all.map((/** @type {any} */ tag) => tag.name), () => []);
  let chosen = /** @type {string[]} */ ([...(conversation.entry.tags ?? [])]);
  const field = h("st-field", { label: "Tag", placeholder: "Write one, Enter adds it", autocomplete: "off", maxlength: "40" });
  const shown = h("div", { class: "dialog-tags" });
  const draw = () => fill(shown,
    chosen.map((name) => h("button", { type: "button", class: "dialog-tag is-on", "aria-label": `Without ${name}`, onclick: () => { chosen = chosen.filter((each) => each !== name); draw(); } }, name, icon("cross", 12))),
    known.filter((/** @type {string} */ name) => !chosen.includes(name)).slice(0, 30).map((/** @type {string} */ name) => h("button", { type: "button", class: "dialog-tag", "aria-label": `Add ${name}`, onclick: () => { chosen.push(name); draw(); } }, icon("plus", 12), name)));
  const add = () => {
    const name = field.value.trim();
    if (name !== "" && !chosen.includes(name)) chosen.push(name);
    field.value = "";
    draw();
  };
  draw();
  const done = await dialog("Tags", (element) => [field, shown, h("st-button", { slot: "footer", variant: "primary", onclick: () => { add(); element.close(true); } }, "Keep")].map((each) => {
    if (each === field) field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      if (field.value.trim() === "") element.close(true);
      else add();
    });
    return each;
  }));
  if (done !== true) return;
  await attempt("The tags were not kept", async () => {
    const kept = await put(`${conversation.path}/tags`, { tags: chosen });
    conversation.update({ tags: kept?.tags ?? chosen });
  }, "The tags are kept.");
}

/** @returns {Promise<string|null>} whom to whisper to */
export async function whisperTo() {
  await members.read();
  const others = members.list.filter(({ name }) => name !== session.name);
  if (others.length === 0) {
    toast("There is nobody else in the team to whisper to.");
    return null;
  }
  const chosen = await dialog("Whisper to whom?", (element) => [list(element, others.map(({ name, online }, index) => ({ value: name, label: name, icon: "whisper", hint: online ? "here" : "away", isFirst: index === 0 })))]);
  return chosen?.value ?? null;
}

const EMOTIONS = ["neutral", "pleased", "grateful", "confused", "worried", "disappointed", "annoyed", "angry"];
const REASONS = ["none", "person_needed", "asks_for_person", "repeated_failure", "anger", "legal_or_public_threat", "safety", "policy_exception", "vulnerable_customer"];

/**
 * How the message should have been judged; Steward can be trained on it.
 * @param {Conversation} conversation
 * @param {number} seq
 */
export async function correct(conversation, seq) {
  const field = (/** @type {string} */ label, /** @type {string} */ kind, /** @type {string[]} */ values, /** @type {(value: string) => string} */ words) => {
    const made = h("st-field", { label, type: "select" });
    made.options = [{ value: "", label: "as it is" }, ...values.map((value) => ({ value, label: words(value) }))];
    return { kind, made };
  };
  const fields = [
    field("How satisfied is the customer here?", "satisfaction", ["1", "2", "3", "4", "5"], (value) => `${value} of 5`),
    field("Feeling", "emotion", EMOTIONS, readable),
    field("Does it need a person?", "escalation", REASONS, (value) => (value === "none" ? "No" : value === "person_needed" ? "Yes" : `Yes: ${readable(value).toLocaleLowerCase()}`)),
  ];
  const done = await dialog("How should it have been judged?", (element) => [...fields.map(({ made }) => made), h("p", { class: "quiet" }, "Steward's judgement can be trained on what your team says here."),
    h("st-button", { slot: "footer", variant: "primary", onclick: () => element.close(true) }, "Keep")]);
  const said = fields.filter(({ made }) => made.value !== "");
  if (done !== true || said.length === 0) return;
  await attempt("It was not kept", async () => {
    for (const { kind, made } of said) await post(`${conversation.path}/labels`, { seq, kind, value: made.value });
  }, "Thank you: it is kept for training.");
}
