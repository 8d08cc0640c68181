/** What customers wanted: a table of the intents, sorted by whichever column one presses; each figure leads to its conversations. */

import { css, fill, h, icon } from "/design/index.js";
import { card, nothing } from "../page/desk-page.js";
import { count, percent, share } from "./figures.js";
import { words } from "./words.js";

/** @typedef {import("./shapes.js").IntentRow} IntentRow */
/** @typedef {import("./totals.js").Behind} Behind */
/** @typedef {"name" | "conversations" | "escalations" | "dissatisfied"} Column */

export const intentStyles = css`
td a.plain { color: inherit; text-decoration: none; }
td a.plain:hover { text-decoration: underline; }
.part { color: var(--st-quiet); }
`;

const COLUMNS = /** @type {[Column, string][]} */ ([["name", "Intent"], ["conversations", "Conversations"], ["escalations", "Escalated"], ["dissatisfied", "Dissatisfied"]]);

/**
 * @param {IntentRow[]} rows
 * @param {Behind} behind
 */
export function intents(rows, behind) {
  const table = h("table");
  /** @type {Column} */
  let by = "conversations";
  let isUp = false;
  const sort = (/** @type {Column} */ column) => {
    isUp = column === by ? !isUp : column === "name";
    by = column;
    show();
  };
  const show = () => {
    const sorted = [...rows].sort((one, other) => (isUp ? 1 : -1) * (by === "name" ? one.name.localeCompare(other.name) : one[by] - other[by]));
    const head = COLUMNS.map(([column, label], index) => h("th", { scope: "col", class: index > 0 ? "figure" : "", "aria-sort": column === by ? (isUp ? "ascending" : "descending") : null },
      h("button", { type: "button", class: "sort", onclick: () => sort(column) }, label, column === by && icon(isUp ? "up" : "down", 13))));
    const focus = table.querySelector("button:focus") === null ? -1 : COLUMNS.findIndex(([column]) => column === by);
    fill(table, h("caption", { class: "sr" }, "What customers wanted"), h("thead", null, h("tr", null, head)), h("tbody", null, sorted.map((row) => rowOf(row, behind))));
    if (focus >= 0) table.querySelectorAll("button")[focus]?.focus();
  };
  show();
  return card({ title: "What customers wanted", class: rows.length > 0 ? "flush" : "" }, rows.length === 0 ? nothing("filter", "No intents yet") : h("div", { class: "scroll" }, table));
}

/**
 * @param {IntentRow} row
 * @param {Behind} behind
 */
function rowOf({ name, conversations, escalations, dissatisfied }, behind) {
  const part = (/** @type {number} */ number) => [count(number), " ", h("span", { class: "part" }, percent(share(number, conversations)))];
  return h("tr", null,
    h("td", null, h("a", { class: "plain", href: behind({ intent: name }) }, words(name))),
    h("td", { class: "figure" }, count(conversations)),
    h("td", { class: "figure" }, escalations > 0 ? h("a", { class: "plain", href: behind({ intent: name, reason: "any" }) }, part(escalations)) : count(0)),
    h("td", { class: "figure" }, dissatisfied > 0 ? part(dissatisfied) : count(0)));
}
