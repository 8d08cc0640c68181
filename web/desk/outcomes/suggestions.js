/** What became of the suggested replies, and what they saved. */

import { css, h } from "/design/index.js";
import { PALETTE_CSS } from "../charts/palette.js";
import { card, nothing } from "../page/desk-page.js";
import { count, duration, percent, share } from "./figures.js";
import { moved } from "./totals.js";

/** @typedef {import("./shapes.js").Totals} Totals */

export const suggestionStyles = css`
.fate { ${PALETTE_CSS} display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 16px 22px; }
.fate dt { color: var(--st-quiet); font-size: var(--st-text-s); font-weight: 560; }
.fate dd { font-size: 1.375rem; font-weight: 650; letter-spacing: -.01em; font-variant-numeric: tabular-nums; }
.fate dd span.of { color: var(--st-quiet); font-size: var(--st-text-m); font-weight: 500; letter-spacing: 0; }
.fate .moved { font-size: var(--st-text-s); font-weight: 400; letter-spacing: 0; }
`;

/**
 * @param {Totals} now
 * @param {Totals} before
 */
export function suggestions({ suggestions: now }, { suggestions: before }) {
  const about = "Replies that Steward suggested to agents. Time saved is estimated from how fast people type, not measured.";
  if (now.shown === 0) return card({ title: "Suggested replies", about }, nothing("spark", "None were suggested in this time"));
  const fates = /** @type {["accepted" | "edited" | "rejected", string, -1 | 0 | 1][]} */ ([["accepted", "Sent as they were", 1], ["edited", "Sent after an edit", 0], ["rejected", "Rejected", -1]]);
  return card({ title: "Suggested replies", about }, h("dl", { class: "fate" },
    h("div", null, h("dt", null, "Suggested"), h("dd", null, count(now.shown), moved({ now: now.shown, before: before.shown, format: count, good: 0 }))),
    fates.map(([name, label, good]) => h("div", null, h("dt", null, label),
      h("dd", null, count(now[name]), h("span", { class: "of" }, ` ${percent(share(now[name], now.shown))}`), moved({ now: now[name], before: before[name], format: count, good })))),
    h("div", null, h("dt", null, "How much of them was kept"), h("dd", null, percent(now.mean_similarity))),
    h("div", null, h("dt", null, "Time saved, estimated"), h("dd", null, now.saved_ms > 0 ? duration(now.saved_ms) : count(0), moved({ now: now.saved_ms, before: before.saved_ms, format: duration, good: 1 })))));
}
