/**
 * /desk/gaps: what customers ask and the knowledge does not answer, gathered by meaning; each with the questions behind it and a draft of
 * the article that is missing, from what agents wrote. `?dismissed=1` shows those that were put aside as well.
 */

import { ask, css, define, h, toast } from "/design/index.js";
import { get, post } from "../api.js";
import { count } from "../outcomes/figures.js";
import { rangeOf } from "../outcomes/range.js";
import { rangePicker, rangeStyles } from "../outcomes/range-picker.js";
import { DeskPage, card, nothing, titled } from "../page/desk-page.js";
import { page } from "../page/sheet.js";
import { timed } from "../page/times.js";
import { go } from "../routes.js";
import { session } from "../session.js";

/** @typedef {{ conversation: string, seq: number, text: string, at_ms: number }} Question */
/** @typedef {{ id: string, title: string, questions: Question[], count: number, last_ms: number, draft: { title: string, text: string, from: { conversation: string, seq: number }[] } | null, dismissed: boolean }} Gap */

const QUESTIONS_AT_FIRST = 3;

const styles = css`
.gaps { display: grid; gap: 14px; }
.gap { display: grid; grid-template-columns: 64px minmax(0, 1fr); gap: 4px 18px; }
.gap > .often { display: grid; justify-items: center; align-content: start; padding-block-start: 2px; color: var(--st-accent-text); }
.gap > .often b { font-size: var(--st-text-xxl); line-height: 1.1; font-variant-numeric: tabular-nums; }
.gap > .often span { color: var(--st-quiet); font-size: var(--st-text-xs); }
.gap .about { display: grid; gap: 10px; min-inline-size: 0; }
.gap h2 { overflow-wrap: anywhere; text-wrap: pretty; }
.questions { display: grid; gap: 5px; }
.questions li { display: flex; flex-wrap: wrap; gap: 2px 10px; align-items: baseline; }
.questions a { flex: 1 1 260px; color: var(--st-text); overflow-wrap: anywhere; }
details.draft { border: 1px solid var(--st-line); border-radius: var(--st-radius); background: var(--st-raised); }
details.draft summary { padding: 9px 13px; cursor: pointer; font-weight: 580; }
details.draft pre { margin: 0; padding: 4px 14px 14px; font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; max-block-size: 300px; overflow: auto; }
.dismissed { opacity: .8; }
@media (max-width: 640px) { .gap { grid-template-columns: minmax(0, 1fr); } .gap > .often { display: flex; align-items: baseline; gap: 6px; justify-content: start; } }
`;

/** @extends {DeskPage<Gap[]>} */
export default class GapsView extends DeskPage {
  static styles = [page, rangeStyles, styles];

  /** @type {Set<string>} */
  #all = new Set();

  /** @returns {Promise<Gap[]>} */
  async ask() {
    const { from_ms, to_ms } = rangeOf(this.query);
    return (await get("/v1/gaps", { from_ms, to_ms })).gaps;
  }

  /** @param {Gap[]} gaps */
  body(gaps) {
    const isAll = this.query.get("dismissed") === "1";
    const listed = gaps.filter(({ dismissed }) => isAll || !dismissed);
    const aside = gaps.filter(({ dismissed }) => dismissed).length;
    const other = new URLSearchParams(this.query);
    if (isAll) other.delete("dismissed");
    else other.set("dismissed", "1");
    const range = rangeOf(this.query);
    return [
      titled("Knowledge gaps", "What customers asked and the articles did not answer, gathered by meaning; the most frequent first."),
      h("div", { class: "row" }, h("div", { class: "grow" }, rangePicker(range, "/desk/gaps", this.query)),
        aside > 0 && h("a", { href: `/desk/gaps?${other}` }, isAll ? "Hide those put aside" : `Show ${count(aside)} put aside`)),
      listed.length === 0
        ? card({ title: "No gaps" }, nothing("check", "Everything that was asked in this time had an answer", "A question counts here when Steward found nothing to answer it with, or when the answer left the customer dissatisfied."))
        : h("div", { class: "gaps" }, listed.map((gap) => this.#gap(gap))),
    ];
  }

  /** @param {Gap} gap */
  #gap(gap) {
    const { id, title, questions, draft, last_ms, dismissed } = gap;
    const isWhole = this.#all.has(id);
    const shown = isWhole ? questions : questions.slice(0, QUESTIONS_AT_FIRST);
    const write = () => go(`/desk/knowledge/new?gap=${encodeURIComponent(id)}&question=${encodeURIComponent(title)}`);
    return h("section", { class: `card gap ${dismissed ? "dismissed" : ""}`, "aria-label": title },
      h("div", { class: "often" }, h("b", null, count(gap.count)), h("span", null, gap.count === 1 ? "question" : "questions")),
      h("div", { class: "about" },
        h("div", null, h("h2", null, title), h("p", { class: "small quiet" }, "Last asked ", timed(last_ms), dismissed && [" · ", h("span", { class: "pill" }, "Put aside")])),
        h("ul", { class: "questions" }, shown.map(({ conversation, seq, text, at_ms }) =>
          h("li", null, h("a", { href: `/desk/c/${encodeURIComponent(conversation)}?seq=${seq}` }, text), h("span", { class: "small quiet" }, timed(at_ms))))),
        questions.length > shown.length && h("div", null, h("st-button", { size: "s", variant: "quiet", icon: "down", onclick: () => this.#showAll(id) }, `${count(questions.length - shown.length)} more`)),
        draft !== null && h("details", { class: "draft" }, h("summary", null, "A draft from your agents' replies"), h("pre", { tabIndex: 0 }, h("b", null, draft.title), "\n\n", draft.text)),
        h("div", { class: "row" },
          session.isAdmin && h("st-button", { variant: draft === null ? "default" : "primary", icon: "pen", onclick: write }, draft === null ? "Write an article" : "Write the article from this draft"),
          session.isAdmin && !dismissed && h("st-button", { variant: "quiet", onclick: () => void this.#dismiss(gap) }, "Put aside"),
          !session.isAdmin && h("span", { class: "small quiet" }, "Admins can write the article."))));
  }

  /** @param {string} id */
  #showAll(id) {
    this.#all.add(id);
    this.changed();
  }

  /** @param {Gap} gap */
  async #dismiss({ id, title }) {
    if (!(await ask({ heading: "Put this gap aside?", text: `“${title}” is not shown any more, unless you ask for those put aside.`, confirm: "Put aside" }))) return;
    try {
      await post(`/v1/gaps/${encodeURIComponent(id)}/dismiss`);
      await this.reload();
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), { kind: "bad" });
    }
  }
}

define("desk-gaps", GapsView);
