/**
 * /desk/outcomes/conversations: the conversations behind a figure. The address says which: the range, and `resolution`, `intent`, `reason`; or
 * `from_ms` and `to_ms` for a point of a chart.
 */

import { css, define, h, icon } from "/design/index.js";
import { get } from "../api.js";
import { count } from "../outcomes/figures.js";
import { rangeOf, wordsOf } from "../outcomes/range.js";
import { REASONS, RESOLUTIONS, words } from "../outcomes/words.js";
import { DeskPage, card, nothing, titled } from "../page/desk-page.js";
import { page } from "../page/sheet.js";
import { timed } from "../page/times.js";

/** @typedef {{ conversation: string, owner_name?: string | null, state: string, created_ms: number, last_ms: number, preview?: string, satisfaction?: number | null, escalation?: number | null, escalation_reason?: string | null, resolution?: string, intent?: string | null }} Entry */

const FILTERS = ["resolution", "intent", "reason", "survey"];

const styles = css`
.back { display: inline-flex; align-items: center; gap: 4px; margin-block-end: 6px; color: var(--st-quiet); font-size: var(--st-text-s); text-decoration: none; }
.back:hover { color: var(--st-text); text-decoration: underline; }
td.words { min-inline-size: 240px; max-inline-size: 520px; }
td.words a { font-weight: 560; color: var(--st-text); text-decoration: none; overflow-wrap: anywhere; }
td.words a:hover { text-decoration: underline; color: var(--st-accent-text); }
`;

/** @extends {DeskPage<Entry[]>} */
export default class OutcomeConversationsView extends DeskPage {
  static styles = [page, styles];

  get #span() {
    const [from, to] = ["from_ms", "to_ms"].map((name) => Number(this.query.get(name) ?? NaN));
    return Number.isFinite(from) && Number.isFinite(to) ? { from_ms: from, to_ms: to } : rangeOf(this.query);
  }

  /** @returns {Promise<Entry[]>} */
  async ask() {
    const { from_ms, to_ms } = this.#span;
    const filters = Object.fromEntries(FILTERS.map((name) => [name, this.query.get(name)]));
    return (await get("/v1/outcomes/conversations", { from_ms, to_ms, ...filters })).conversations;
  }

  /** @param {Entry[]} entries */
  body(entries) {
    const back = new URLSearchParams([...this.query].filter(([name]) => ["range", "from", "to"].includes(name)));
    const what = this.#what();
    this.emit("heading", what);
    return [
      h("div", null, h("a", { class: "back", href: `/desk/outcomes?${back}` }, icon("back", 15), "Outcomes"), titled(what, `In ${wordsOf(/** @type {any} */ (this.#span))}.`)),
      card({ title: entries.length === 1 ? "1 conversation" : `${count(entries.length)} conversations`, class: entries.length > 0 ? "flush" : "" }, entries.length === 0
        ? nothing("inbox", "None of these")
        : h("div", { class: "scroll" }, h("table", null,
          h("thead", null, h("tr", null, ["Conversation", "Outcome", "Why it escalated", "Last message"].map((head) => h("th", { scope: "col" }, head)))),
          h("tbody", null, entries.map(row))))),
    ];
  }

  #what() {
    const [resolution, reason, intent] = ["resolution", "reason", "intent"].map((name) => this.query.get(name));
    const parts = [
      resolution && (RESOLUTIONS.find(({ name }) => name === resolution)?.label ?? words(resolution)),
      reason && (reason === "any" ? "Escalated" : `Escalated: ${(REASONS.find(({ name }) => name === reason)?.label ?? words(reason)).toLowerCase()}`),
      intent && `About: ${words(intent).toLowerCase()}`,
      this.query.get("survey") && "Survey answered",
    ].filter(Boolean);
    return parts.length === 0 ? "Conversations" : parts.join(" · ");
  }
}

/** @param {Entry} entry */
function row({ conversation, owner_name, preview, resolution, escalation_reason, intent, last_ms }) {
  const ending = RESOLUTIONS.find(({ name }) => name === resolution);
  const reason = REASONS.find(({ name }) => name === escalation_reason);
  return h("tr", null,
    h("td", { class: "words" }, h("a", { href: `/desk/c/${encodeURIComponent(conversation)}` }, preview || "A conversation without words"),
      h("div", { class: "small quiet" }, owner_name ?? "Visitor", intent && ` · ${words(intent)}`)),
    h("td", null, ending ? h("span", { class: "pill" }, ending.label) : h("span", { class: "quiet" }, "–")),
    h("td", null, reason ? reason.label : h("span", { class: "quiet" }, escalation_reason ? words(escalation_reason) : "–")),
    h("td", { class: "quiet" }, timed(last_ms)));
}

define("desk-outcome-conversations", OutcomeConversationsView);
