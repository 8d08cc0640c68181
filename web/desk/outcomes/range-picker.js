/**
 * The choice of a time range, as it stands in the address: fixed spans up to today, or two days. Choosing moves to the address with the
 * new range; everything else in it stays.
 */

import { css, h } from "/design/index.js";
import { go } from "../routes.js";
import { PRESETS, parametersOf, wordsOf } from "./range.js";

/** @typedef {import("./range.js").Range} Range */

export const rangeStyles = css`
.range { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
.spans { display: flex; padding: 2px; border: 1px solid var(--st-line); border-radius: var(--st-radius); background: var(--st-surface); }
.spans a { padding: 5px 11px; border-radius: 7px; color: var(--st-quiet); text-decoration: none; font-weight: 560; white-space: nowrap; }
.spans a:hover { color: var(--st-text); background: var(--st-hover); }
.spans a[aria-current] { background: var(--st-selected); color: var(--st-accent-text); }
.days { display: flex; align-items: center; gap: 6px; }
.days input { inline-size: 138px; min-block-size: var(--st-height); padding: 4px 8px; border: 1px solid var(--st-line); border-radius: var(--st-radius); background: var(--st-surface); }
@media (max-width: 640px) { .spans { inline-size: 100%; } .spans a { flex: 1; padding: 5px 4px; text-align: center; font-size: var(--st-text-s); } .days { inline-size: 100%; } .days input { flex: 1; min-inline-size: 0; } }
`;

/**
 * @param {Range} range
 * @param {string} path of the view
 * @param {URLSearchParams} query
 */
export function rangePicker(range, path, query) {
  const first = day("From", range.from);
  const last = day("To", range.to);
  const choose = () => {
    if (first.value === "" || last.value === "") return;
    const [from, to] = [first.value, last.value].sort();
    go(placed(path, query, { key: "custom", from, to }));
  };
  first.addEventListener("change", choose);
  last.addEventListener("change", choose);
  return h("div", { class: "range", role: "group", "aria-label": `Time range: ${wordsOf(range)}` },
    h("div", { class: "spans" }, PRESETS.map(({ key, label }) =>
      h("a", { href: placed(path, query, { key, from: "", to: "" }), "aria-current": key === range.key ? "true" : null }, label))),
    h("div", { class: "days" }, first, h("span", { class: "quiet", "aria-hidden": "true" }, "–"), last));
}

/**
 * An address with a range in it.
 * @param {string} path
 * @param {URLSearchParams} query
 * @param {Pick<Range, "key" | "from" | "to">} range
 */
function placed(path, query, range) {
  const next = new URLSearchParams(query);
  for (const name of ["range", "from", "to"]) next.delete(name);
  for (const [name, value] of Object.entries(parametersOf(range))) next.set(name, value);
  return `${path}?${next}`;
}

/**
 * @param {string} label
 * @param {string} value
 */
function day(label, value) {
  return h("input", { type: "date", "aria-label": label, value });
}
