/**
 * <suggestions-panel>: up to three replies that Steward suggests, each sentence marked as found in the evidence or not.
 * `suggestions`: a `Suggestions`. Fires `use` ({how: "accept"|"edit", suggestion}), `cite` (a citation), `reject` (the suggestion), `ask`.
 */

import { StElement, css, define, fill, h, icon } from "/design/index.js";
import { percent, suggestionKind } from "../lib/words.js";

/** @import { Suggestion, Suggestions } from "../lib/suggestions.js" */

const styles = css`
:host { display: block; container-type: inline-size; border-block-start: 1px solid var(--st-line); background: var(--st-raised); }
.top { display: flex; align-items: center; gap: 4px; padding: 6px 14px 0 22px; padding-inline: 22px 14px; }
.title { display: flex; align-items: center; gap: 6px; font-size: var(--st-text-s); font-weight: 620; color: var(--st-accent-text); margin-inline-end: 6px; white-space: nowrap; }
.tabs { display: flex; gap: 4px; flex: 1; min-inline-size: 0; overflow-x: auto; scrollbar-width: none; }
.tab { display: inline-flex; align-items: center; gap: 6px; min-block-size: 30px; padding: 0 10px; border-radius: 7px; font-size: var(--st-text-s); font-weight: 560; color: var(--st-quiet); white-space: nowrap; }
.tab:hover { background: var(--st-hover); }
.tab[aria-selected="true"] { background: var(--st-surface); color: var(--st-text); box-shadow: var(--st-shadow); }
.body { display: grid; gap: 6px; padding: 7px 22px 9px; }
.text { padding: 9px 13px; border: 1px solid var(--st-line); border-radius: var(--st-radius); background: var(--st-surface); white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.5; max-block-size: min(22dvh, 190px); overflow: auto; }
.s.bad { background: var(--st-warn-soft); text-decoration: underline 2px wavy var(--st-warn); text-underline-offset: 3px; }
sup { line-height: 0; margin-inline-start: 1px; }
sup span, .n { display: inline-grid; place-items: center; min-inline-size: 15px; block-size: 15px; border-radius: 4px; background: var(--st-good-soft); color: var(--st-good-text); font: 700 .625rem/1 var(--st-font); vertical-align: baseline; }
.facts { display: flex; flex-wrap: wrap; gap: 5px; align-items: start; }
.fact { font-size: var(--st-text-xs); max-inline-size: 100%; }
.fact summary { display: inline-flex; align-items: center; gap: 5px; padding: 2px 7px; border-radius: 6px; background: var(--st-surface); border: 1px solid var(--st-line); cursor: pointer; list-style: none; color: var(--st-quiet); max-inline-size: 260px; }
.fact summary::-webkit-details-marker { display: none; }
.fact summary:hover { color: var(--st-text); background: var(--st-hover); }
.fact[open] { flex-basis: 100%; }
.fact p { margin-block-start: 3px; padding: 7px 10px; border-inline-start: 3px solid var(--st-good); background: var(--st-surface); border-radius: 0 6px 6px 0; font-size: var(--st-text-s); overflow-wrap: anywhere; max-block-size: 110px; overflow: auto; }
.acts { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
.acts .gap { flex: 1; }
.problem { display: flex; gap: 6px; align-items: center; color: var(--st-warn-text); font-size: var(--st-text-s); padding: 2px 0; }
.wait { display: flex; gap: 9px; align-items: center; color: var(--st-quiet); font-size: var(--st-text-s); padding: 8px 0; }
.wait i { inline-size: 14px; block-size: 14px; border: 2px solid var(--st-line); border-block-start-color: var(--st-accent); border-radius: 50%; animation: turn .9s linear infinite; }
@keyframes turn { to { rotate: 1turn; } }
@media (prefers-reduced-motion: reduce) { .wait i { animation-duration: 4s; } }
@container (max-width: 700px) { .acts .word { display: none; } }
@media (max-width: 760px) { .top { padding-inline: 12px 6px; } .body { padding-inline: 12px; } .title span { display: none; } }
`;

export class SuggestionsPanel extends StElement {
  static styles = [styles];

  /** @type {Suggestions|null} */
  suggestions = null;
  #isFolded = false;

  connected() {
    this.suggestions?.addEventListener("change", () => this.changed(), { signal: this.signal });
  }

  /** @param {"accept"|"edit"} how */
  use(how) {
    const suggestion = this.suggestions?.chosen;
    if (!suggestion?.done) return false;
    this.emit("use", { how, suggestion });
    return true;
  }

  reject() {
    const suggestion = this.suggestions?.chosen;
    if (!suggestion) return false;
    this.suggestions?.drop(suggestion.id);
    this.emit("reject", suggestion);
    return true;
  }

  cite() {
    const citation = this.suggestions?.chosen?.citations[0];
    if (!citation) return false;
    this.emit("cite", citation);
    return true;
  }

  /** @param {"shorter"|"warmer"|"another"} wish */
  wish(wish) {
    const { suggestions } = this;
    const suggestion = suggestions?.chosen;
    if (!suggestion?.done || suggestions?.isBusy) return false;
    void suggestions?.ask({ wish, of: suggestion.id });
    return true;
  }

  render() {
    const { suggestions } = this;
    if (!suggestions) return;
    const { list, at, isBusy, problem } = suggestions;
    const focusedId = /** @type {HTMLElement|null} */ (this.root.activeElement)?.id;
    fill(this.root,
      h("div", { class: "top" },
        h("div", { class: "title" }, icon("spark", 16), h("span", null, "Suggested replies")),
        h("div", { class: "tabs", role: list.length > 0 ? "tablist" : null, "aria-label": list.length > 0 ? "Suggested replies" : null }, list.map((each, index) => this.#tab(each, index, at))),
        h("st-button", { size: "s", variant: "quiet", icon: "refresh", label: "Suggest anew", onclick: () => this.emit("ask") }),
        list.length > 0 && h("st-button", { size: "s", variant: "quiet", icon: this.#isFolded ? "up" : "down", label: this.#isFolded ? "Show the suggestions" : "Fold the suggestions", expanded: String(!this.#isFolded), onclick: () => { this.#isFolded = !this.#isFolded; this.changed(); } })),
      this.#isFolded && list.length > 0 ? null : h("div", { class: "body" }, this.#body(suggestions),
        problem && h("p", { class: "problem", role: "status" }, icon("info", 15), problem),
        isBusy && list.length === 0 && h("div", { class: "wait", role: "status" }, h("i"), "Reading the conversation and the evidence…"),
        !isBusy && list.length === 0 && !problem && h("div", { class: "wait" }, "Nothing is suggested for this message.")));
    if (focusedId) this.root.getElementById(focusedId)?.focus();
  }

  /** @param {Suggestion} each @param {number} index @param {number} at */
  #tab(each, index, at) {
    const { word, icon: name } = suggestionKind(each.kind);
    return h("button", {
      class: "tab", type: "button", role: "tab", id: `t${index}`, "aria-selected": String(index === at), tabIndex: index === at ? 0 : -1, "aria-keyshortcuts": String(index + 1),
      onclick: () => this.suggestions?.choose(index),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#arrow(event, index),
    }, h("kbd", { "aria-hidden": "true" }, index + 1), icon(name, 14), word, each.confidence !== null && h("span", { class: "quiet num" }, percent(each.confidence)));
  }

  /** @param {KeyboardEvent} event @param {number} index */
  #arrow(event, index) {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const count = this.suggestions?.list.length ?? 0;
    if (by === 0 || count === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const to = (index + (getComputedStyle(this).direction === "rtl" ? -by : by) + count) % count;
    this.suggestions?.choose(to);
    queueMicrotask(() => this.root.getElementById(`t${to}`)?.focus());
  }

  /** @param {Suggestions} suggestions */
  #body({ chosen, isBusy }) {
    if (!chosen) return null;
    const numbers = new Map(chosen.evidence.filter(({ id }) => chosen.groundedness?.sentences.some(({ by }) => by === id)).map(({ id }, index) => [id, index + 1]));
    const { word } = suggestionKind(chosen.kind);
    return [
      h("div", { class: "text", role: "tabpanel", tabIndex: 0, "aria-label": `${word}, suggested`, "aria-busy": String(!chosen.done), dir: "auto" }, sentences(chosen, numbers)),
      chosen.done && h("div", { class: "facts" }, groundMark(chosen), [...numbers].map(([id, number]) => fact(chosen.evidence.find((each) => each.id === id), number))),
      chosen.done && h("div", { class: "acts" },
        h("st-button", { size: "s", variant: "primary", icon: "send", kbd: "A", onclick: () => this.use("accept") }, "Send"),
        h("st-button", { size: "s", icon: "pen", kbd: "E", onclick: () => this.use("edit") }, "Edit"),
        h("st-button", { size: "s", variant: "quiet", icon: "cross", kbd: "X", onclick: () => this.reject() }, "Reject"),
        h("span", { class: "gap" }),
        chosen.citations.length > 0 && h("st-button", { size: "s", variant: "quiet", icon: "quote", label: "Insert the citation", kbd: "I", onclick: () => this.cite() }),
        h("st-button", { size: "s", variant: "quiet", icon: "shorter", label: "Shorter", busy: isBusy, onclick: () => this.wish("shorter") }, h("span", { class: "word" }, "Shorter")),
        h("st-button", { size: "s", variant: "quiet", icon: "heart", label: "Warmer", busy: isBusy, onclick: () => this.wish("warmer") }, h("span", { class: "word" }, "Warmer")),
        h("st-button", { size: "s", variant: "quiet", icon: "refresh", label: "Another", busy: isBusy, onclick: () => this.wish("another") }, h("span", { class: "word" }, "Another"))),
    ];
  }
}

/**
 * The text, sentence by sentence, each with the number of what it stands on.
 * @param {Suggestion} suggestion
 * @param {Map<string, number>} numbers
 */
function sentences({ text, groundedness }, numbers) {
  const parts = [];
  let at = 0;
  for (const { text: sentence, supported, by } of groundedness?.sentences ?? []) {
    const start = text.indexOf(sentence, at);
    if (start < 0) continue;
    parts.push(text.slice(at, start));
    const number = by === null ? undefined : numbers.get(by);
    parts.push(h("span", { class: `s ${supported ? "" : "bad"}`, title: supported ? null : "The evidence does not say this" }, sentence),
      number !== undefined ? h("sup", null, h("span", { title: "Stands on this evidence" }, number)) : null);
    at = start + sentence.length;
  }
  parts.push(text.slice(at));
  return parts;
}

/**
 * How much of a text the evidence says.
 * @param {{groundedness: Suggestion["groundedness"]}} of
 */
export function groundMark({ groundedness }) {
  if (!groundedness) return null;
  const claims = groundedness.sentences.filter(({ claims: says }) => says !== false);
  const bad = claims.filter(({ supported }) => !supported).length;
  if (claims.length === 0) return h("st-badge", null, "States nothing");
  if (bad === 0) return h("st-badge", { tone: "good", icon: "check" }, "All in the evidence");
  return h("st-badge", { tone: "warn", icon: "warn" }, `${bad} of ${claims.length} sentences not in the evidence`);
}

/** @param {any} evidence @param {number} number */
function fact(evidence, number) {
  if (!evidence) return null;
  return h("details", { class: "fact" }, h("summary", null, h("span", { class: "n" }, number), h("span", { class: "cut" }, evidence.title)), h("p", { dir: "auto" }, evidence.text));
}

define("suggestions-panel", SuggestionsPanel);
