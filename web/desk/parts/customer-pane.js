/**
 * <customer-pane>: who the customer is: what is in the records, what was used in this conversation, what they said of themselves, what was before,
 * and the summary for a hand-off. `conversation`: a `Conversation`. Fires `jump` with a message's number, `cite` with a fact.
 */

import { StElement, css, define, fill, h, icon, toneOfRisk } from "/design/index.js";
import { get, post } from "../api.js";
import { dayName } from "../lib/time.js";
import { customerName, faceOf, percent, readable } from "../lib/words.js";

/** @import { Conversation } from "../lib/conversation.js" */

const styles = css`
:host { display: block; overflow-y: auto; background: var(--st-surface); border-inline-start: 1px solid var(--st-line); overscroll-behavior: contain; }
.who { display: flex; gap: 11px; align-items: center; padding: 13px 16px; }
.who .id { font-size: var(--st-text-s); color: var(--st-quiet); overflow-wrap: anywhere; }
section { border-block-start: 1px solid var(--st-line); padding: 11px 16px 13px; }
.head { display: flex; align-items: center; gap: 6px; min-block-size: 26px; margin-block-end: 5px; }
.head h3 { flex: 1; font-size: var(--st-text-s); }
.summary { display: grid; gap: 5px; line-height: 1.5; }
.summary a { font-size: var(--st-text-xs); text-decoration: none; padding: 0 5px; border-radius: 4px; background: var(--st-hover); color: var(--st-quiet); font-weight: 600; white-space: nowrap; }
.summary a:hover { background: var(--st-selected); }
dl { display: grid; grid-template-columns: minmax(80px, auto) minmax(0, 1fr); gap: 3px 12px; font-size: var(--st-text-s); }
dt { color: var(--st-quiet); overflow-wrap: anywhere; }
dd { overflow-wrap: anywhere; text-align: end; }
details { border: 1px solid var(--st-line); border-radius: var(--st-radius); margin-block-end: 6px; background: var(--st-surface); }
details.used { border-color: color-mix(in srgb, var(--st-accent) 50%, var(--st-line)); }
summary { display: flex; align-items: center; gap: 7px; padding: 7px 10px; cursor: pointer; list-style: none; border-radius: var(--st-radius); }
summary::-webkit-details-marker { display: none; }
summary:hover { background: var(--st-hover); }
summary .cut { flex: 1; min-inline-size: 0; font-weight: 560; }
details[open] > summary > svg { rotate: 180deg; }
details dl { padding: 3px 11px 10px; }
.fact { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 4px; padding: 6px 9px; border-radius: 7px; font-size: var(--st-text-s); }
.fact:hover { background: var(--st-hover); }
.fact p { overflow-wrap: anywhere; }
.fact b { font-weight: 600; font-size: var(--st-text-xs); color: var(--st-quiet); }
.past { display: grid; gap: 1px; margin-inline: -8px; padding: 6px 8px; border-radius: 7px; color: inherit; text-decoration: none; }
.past:hover { background: var(--st-hover); }
.past .line { display: flex; align-items: center; gap: 8px; font-size: var(--st-text-s); }
.past b { font-weight: 580; }
.felt { margin-inline-start: auto; font-size: var(--st-text-xs); color: var(--st-quiet); }
.felt.warn { color: var(--st-warn-text); } .felt.bad { color: var(--st-bad-text); }
.warn { display: flex; gap: 6px; color: var(--st-quiet); font-size: var(--st-text-xs); margin-block-end: 5px; }
.problem { color: var(--st-bad-text); font-size: var(--st-text-s); }
`;

const MOST_OPEN = 8;

export class CustomerPane extends StElement {
  static styles = [styles];

  /** @type {Conversation|null} */
  conversation = null;
  /** @type {any} */
  #about = null;
  #problem = "";
  /** @type {any} */
  #summary = null;
  #isSumming = false;
  #summaryProblem = "";
  #readAt = -1;

  connected() {
    const { conversation, signal } = this;
    conversation?.on("entry", () => this.changed(), signal);
    // What was used changes with each reply.
    conversation?.on("items", () => conversation.lastSeq !== this.#readAt && !conversation.isLoading && void this.#read(), signal);
    void this.#read();
  }

  async #read() {
    const { conversation } = this;
    if (!conversation || conversation.isLoading) return;
    this.#readAt = conversation.lastSeq;
    try {
      this.#about = await get(`${conversation.path}/customer`, {}, { signal: this.signal });
      this.#problem = "";
    } catch (problem) {
      if (this.signal.aborted) return;
      this.#problem = /** @type {Error} */ (problem).message;
    }
    this.changed();
  }

  /** Makes the summary, and shows it. */
  async summarise() {
    if (this.#isSumming || !this.conversation) return;
    this.#isSumming = true;
    this.#summaryProblem = "";
    this.changed();
    try {
      const { summary } = await post(`${this.conversation.path}/summary`);
      this.#summary = summary;
    } catch (problem) {
      this.#summaryProblem = /** @type {Error} */ (problem).message;
    }
    this.#isSumming = false;
    this.changed();
    this.scrollTop = 0;
  }

  render() {
    const { conversation } = this;
    const entry = conversation?.entry;
    if (!conversation || !entry) return;
    const open = new Set([...this.root.querySelectorAll("details[open]")].map((each) => /** @type {HTMLElement} */ (each).dataset.id));
    const about = this.#about;
    const name = customerName({ ...entry, owner_name: about?.name ?? entry.owner_name });
    const [, id = ""] = String(entry.owner ?? "").split(/:(.*)/);
    fill(this.root,
      h("div", { class: "who" }, h("st-avatar", { name: faceOf({ ...entry, owner_name: about?.name ?? entry.owner_name }), kind: "customer", size: 42 }), h("div", null, h("h2", null, name), h("div", { class: "id" }, entry.signed_in ? `${id} · signed in` : "visitor, not signed in"))),
      this.#summarySection(conversation),
      this.#problem && h("section", null, h("p", { class: "problem" }, `The account cannot be read: ${this.#problem} `), h("st-button", { size: "s", onclick: () => void this.#read() }, "Try again")),
      about === null && !this.#problem && h("st-empty", { kind: "loading" }),
      about && [this.#said(about), this.#facts(about), this.#records(about, open), this.#past(about)]);
  }

  /** @param {Conversation} conversation */
  #summarySection(conversation) {
    const stored = conversation.entry.summary;
    const body = this.#summary
      ? h("div", { class: "summary" }, this.#summary.sentences.map((/** @type {any} */ { text, seqs }) => h("p", null, text, " ", (seqs ?? []).slice(0, 4).map((/** @type {number} */ seq) => [h("a", { href: `#m${seq}`, "aria-label": `Message ${seq}`, onclick: (/** @type {Event} */ event) => { event.preventDefault(); this.emit("jump", seq); } }, `#${seq}`), " "]))))
      : stored ? h("p", { class: "summary" }, typeof stored === "string" ? stored : stored.text) : null;
    return h("section", null, h("div", { class: "head" }, h("h3", null, "Summary"), h("st-button", { size: "s", variant: "quiet", icon: body ? "refresh" : "file", busy: this.#isSumming, label: body ? "Summarise anew" : null, onclick: () => void this.summarise() }, body ? "" : "Summarise")),
      this.#summaryProblem && h("p", { class: "problem" }, this.#summaryProblem), body ?? (!this.#summaryProblem && h("p", { class: "quiet small" }, "What the customer wants, what was said and used, and what is open; each sentence from the messages.")));
  }

  /** @param {any} about */
  #said({ attributes = {} }) {
    const { custom = {}, ...own } = attributes ?? {};
    const pairs = [...Object.entries(own), ...Object.entries(custom ?? {})].filter(([, value]) => value !== null && value !== undefined && typeof value !== "object");
    if (pairs.length === 0) return null;
    return h("section", null, h("div", { class: "head" }, h("h3", null, "Said by the customer")), h("p", { class: "warn" }, icon("info", 13), "Not verified; Steward answers nothing from it."),
      h("dl", null, pairs.map(([key, value]) => [h("dt", null, readable(key)), h("dd", { dir: "auto" }, String(value))])));
  }

  /** @param {any} about */
  #facts({ facts_used: facts = [] }) {
    if (facts.length === 0) return null;
    return h("section", null, h("div", { class: "head" }, h("h3", null, "Used in this conversation")), facts.map((/** @type {any} */ fact) => h("div", { class: "fact" },
      h("div", null, h("b", null, fact.title), h("p", { dir: "auto" }, fact.text)),
      h("div", null, fact.seq && h("st-button", { size: "s", variant: "quiet", icon: "eye", label: `Show message ${fact.seq}`, onclick: () => this.emit("jump", fact.seq) }),
        h("st-button", { size: "s", variant: "quiet", icon: "quote", label: "Insert into the reply", onclick: () => this.emit("cite", { title: fact.title, quote: fact.text }) })))));
  }

  /** @param {any} about @param {Set<string|undefined>} open */
  #records({ records = [] }, open) {
    if (records.length === 0) return h("section", null, h("div", { class: "head" }, h("h3", null, "Account")), h("p", { class: "quiet small" }, "Nothing in the records is this customer's."));
    /** @type {Map<string, any[]>} */
    const kinds = new Map();
    for (const record of records) kinds.set(record.kind, [...(kinds.get(record.kind) ?? []), record]);
    return [...kinds].map(([kind, list]) => h("section", null, h("div", { class: "head" }, h("h3", null, `${readable(kind)}${list.length > 1 ? "s" : ""}`), list.length > 1 && h("span", { class: "quiet small num" }, list.length)),
      list.slice(0, MOST_OPEN * 5).sort((one, other) => Number(other.used) - Number(one.used)).map((record) => this.#record(record, open))));
  }

  /** @param {any} record @param {Set<string|undefined>} open */
  #record(record, open) {
    const key = `${record.kind}/${record.id}`;
    return h("details", { class: record.used ? "used" : "", "data-id": key, open: open.has(key) }, h("summary", null, h("span", { class: "cut" }, record.title), record.used && h("st-badge", { tone: "accent" }, "used"), icon("down", 14)),
      h("dl", null, record.fields.map((/** @type {any} */ { name, value }) => [h("dt", null, readable(name)), h("dd", { dir: "auto" }, valueWords(value))])));
  }

  /** @param {any} about */
  #past({ conversations = [] }) {
    const others = conversations.filter((/** @type {any} */ each) => each.conversation !== this.conversation?.id);
    if (others.length === 0) return null;
    return h("section", null, h("div", { class: "head" }, h("h3", null, "Past conversations"), h("span", { class: "quiet small num" }, others.length)),
      others.slice(0, 20).map((/** @type {any} */ each) => h("a", { class: "past", href: `/desk/c/${encodeURIComponent(each.conversation)}?state=all&sort=newest` },
        h("span", { class: "line" }, h("b", null, dayName(each.created_ms)), each.state !== "closed" && h("st-badge", { tone: "accent" }, "open"), each.satisfaction !== null && h("span", { class: `felt ${toneOfRisk(1 - each.satisfaction, 0.5, 0.75)}` }, `${percent(each.satisfaction)} satisfied`)),
        h("span", { class: "quiet small cut", dir: "auto" }, each.preview || "—"))));
  }
}

/** @param {unknown} value @returns {string} */
function valueWords(value) {
  if (Array.isArray(value)) return value.map(valueWords).join(", ");
  if (value !== null && typeof value === "object") return Object.entries(value).map(([key, each]) => `${readable(key)}: ${valueWords(each)}`).join("; ");
  return value === true ? "yes" : value === false ? "no" : String(value ?? "");
}

define("customer-pane", CustomerPane);
