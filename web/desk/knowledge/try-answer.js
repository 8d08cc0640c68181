/**
 * `<desk-try-answer>`: what Steward answers to a question as the knowledge is, and what it would answer with a draft that is not saved.
 *
 * `draft` (property): a function that gives `{id, title, text}`, or null for none. `question`: what is asked first.
 */

import { css, define, fill, h, icon, StElement } from "/design/index.js";
import { post } from "../api.js";

/** @typedef {{ source: string, title: string, quote: string }} Citation */
/** @typedef {{ text: string, decision: "answer" | "clarify" | "hand_off", citations: Citation[], mode?: "answered" | "suggested" }} Answer */
/** @typedef {{ id: string | null, title: string, text: string }} Draft */

const styles = css`
form { display: flex; align-items: end; gap: 8px; margin: 0; }
form st-field { flex: 1; }
.answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(250px, 100%), 1fr)); gap: 12px; margin-block-start: 14px; }
.answers:empty { display: none; }
article { display: grid; align-content: start; gap: 8px; min-inline-size: 0; padding: 12px 14px; border: 1px solid var(--st-line); border-radius: var(--st-radius); background: var(--st-surface); }
article.after { border-color: var(--st-accent); }
article header { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 8px; }
article header h3 { flex: 1; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
.sources { display: grid; gap: 3px; font-size: var(--st-text-s); color: var(--st-quiet); }
.sources li { display: flex; gap: 6px; align-items: start; overflow-wrap: anywhere; }
.sources svg { margin-block-start: 3px; }
.sources li.this { color: var(--st-accent-text); font-weight: 560; }
.fault { margin-block-start: 12px; color: var(--st-bad-text); }
.verdict { display: flex; gap: 8px; margin-block-start: 12px; font-weight: 560; }
`;

/** @type {Record<Answer["decision"], [string, string]>} */
const DECISIONS = { answer: ["good", "Answers"], clarify: ["warn", "Asks back"], hand_off: ["warn", "Hands over"] };

export class DeskTryAnswer extends StElement {
  static styles = [styles];

  /** @type {() => Draft | null} */
  draft = () => null;
  #field = h("st-field", { label: "A customer's question", placeholder: "How long do returns take?", name: "question", autocomplete: "off" });
  #button = h("st-button", { type: "submit" }, "Try");
  #answers = h("div", { role: "status" });

  constructor() {
    super();
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.try();
    };
    this.root.append(h("form", { novalidate: true, onsubmit: submit }, this.#field, this.#button), this.#answers);
  }

  get question() {
    return this.#field.value.trim();
  }

  set question(text) {
    this.#field.value = text;
  }

  /** Asks, if there is a question. */
  async try() {
    const { question } = this;
    if (question === "") return this.#field.focus();
    const draft = this.draft();
    this.#button.busy = true;
    try {
      const { before, after } = await post("/v1/knowledge/try", { question, ...(draft === null ? {} : { draft }) }, { timeoutMs: 90_000 });
      fill(this.#answers, after !== null && h("p", { class: "verdict" }, icon(same(before, after) ? "info" : "check", 18), same(before, after) ? "The answer stays the same." : "The answer changes."),
        h("div", { class: "answers" },
          this.#answer(after === null ? "It answers" : "Now", before, null), after !== null && this.#answer("With your changes", after, draft)));
    } catch (error) {
      fill(this.#answers, h("p", { class: "fault", role: "alert" }, error instanceof Error ? error.message : String(error)));
    } finally {
      this.#button.busy = false;
    }
  }

  /**
   * @param {string} title
   * @param {Answer} answer
   * @param {Draft | null} draft
   */
  #answer(title, { text, decision, citations, mode }, draft) {
    const [tone, word] = DECISIONS[decision] ?? ["", decision];
    const sources = new Map(citations.map((citation) => [citation.source, citation]));
    return h("article", { class: draft === null ? "" : "after", "aria-label": title },
      h("header", null, h("h3", null, title), mode === "suggested" && h("st-badge", { tone: "info" }, "Only suggested"), h("st-badge", { tone }, word)),
      h("p", { class: "text" }, text),
      sources.size > 0 && h("ul", { class: "sources", "aria-label": "Sources" }, [...sources.values()].map(({ source, title: name }) =>
        h("li", { class: draft !== null && draft.id !== null && source.endsWith(draft.id) ? "this" : "" }, icon("file", 14), name || source))));
  }
}

/**
 * @param {Answer} one
 * @param {Answer} other
 */
function same(one, other) {
  return one.text === other.text && one.decision === other.decision;
}

define("desk-try-answer", DeskTryAnswer);
