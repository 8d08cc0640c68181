/** How conversations ended, told apart, and why matters escalated: bars with counts, shares, what each means, and how it moved. */

import { css, h } from "/design/index.js";
import { PALETTE_CSS } from "../charts/palette.js";
import { card } from "../page/desk-page.js";
import { count, percent, share } from "./figures.js";
import { moved } from "./totals.js";
import { REASONS, RESOLUTIONS, counted } from "./words.js";

/** @typedef {import("./shapes.js").Totals} Totals */
/** @typedef {import("./totals.js").Behind} Behind */
/** @typedef {import("./words.js").Kind & { count: number }} Counted */

const COLOURS = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `.c${number} { background: var(--chart-${number}); }`).join("\n");

export const endingStyles = css`
:host { ${PALETTE_CSS} }
${COLOURS}
.whole { display: flex; gap: 2px; block-size: 18px; border-radius: 9px; overflow: hidden; background: var(--st-hover); }
.whole i { min-inline-size: 3px; }
ul.kinds { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(270px, 100%), 1fr)); gap: 4px 22px; margin-block-start: 14px; }
ul.bars { display: grid; gap: 2px; }
a.kind { display: grid; grid-template-columns: 12px minmax(0, 1fr) auto; gap: 1px 10px; padding: 8px; margin-inline: -8px; border-radius: var(--st-radius); color: inherit; text-decoration: none; }
a.kind:hover { background: var(--st-hover); }
.kind .key { inline-size: 12px; block-size: 12px; border-radius: 4px; margin-block-start: 4px; }
.kind b { font-weight: 600; }
.kind .number { font-weight: 650; font-variant-numeric: tabular-nums; }
.kind .number span { color: var(--st-quiet); font-weight: 500; }
.kind .more { grid-column: 2 / -1; color: var(--st-quiet); font-size: var(--st-text-s); text-wrap: pretty; }
.kind .moved { grid-column: 2 / -1; font-size: var(--st-text-s); }
.kind .track { grid-column: 2 / -1; block-size: 7px; border-radius: 4px; background: var(--st-hover); overflow: hidden; margin-block: 3px; }
.kind .track i { display: block; block-size: 100%; border-radius: 4px; }
.kind.none { opacity: .9; }
`;

/**
 * @param {Totals} now
 * @param {Totals} before
 * @param {Behind} behind
 */
export function endings(now, before, behind) {
  const kinds = counted(RESOLUTIONS, now.resolution);
  const bar = h("div", { class: "whole", "aria-hidden": "true" }, kinds.filter((kind) => kind.count > 0).map((kind) => {
    const part = h("i", { class: `c${kind.colour}` });
    part.style.flexGrow = String(kind.count);
    return part;
  }));
  return card({ title: "How conversations ended", about: "Only what a customer confirmed counts as solved. What is assumed stands apart: silence is no praise." }, bar,
    h("ul", { class: "kinds" }, kinds.map((kind) => h("li", null, h("a", { class: `kind ${kind.count === 0 ? "none" : ""}`, href: behind({ resolution: kind.name }) },
      spot(kind), h("b", null, kind.label), number(kind, now.conversations), h("span", { class: "more" }, kind.meaning, kind.name === "handed_off" && then(now)),
      moved({ now: kind.count, before: before.resolution[kind.name] ?? 0, format: count, good: goodOf(kind.name) }))))));
}

/**
 * @param {Totals} now
 * @param {Totals} before
 * @param {Behind} behind
 */
export function reasons(now, before, behind) {
  const kinds = counted(REASONS, now.escalation_reasons).filter((kind) => kind.count > 0 || (before.escalation_reasons[kind.name] ?? 0) > 0).sort((one, other) => other.count - one.count);
  const most = Math.max(1, ...kinds.map((kind) => kind.count));
  return h("ul", { class: "bars" }, kinds.map((kind) => {
    const part = h("i", { class: `c${kind.colour}` });
    part.style.inlineSize = `${(kind.count / most) * 100}%`;
    return h("li", null, h("a", { class: "kind", href: behind({ reason: kind.name }), title: kind.meaning },
      spot(kind), h("b", null, kind.label), number(kind, now.escalations), h("span", { class: "track", "aria-hidden": "true" }, part),
      moved({ now: kind.count, before: before.escalation_reasons[kind.name] ?? 0, format: count, good: -1 })));
  }));
}

/**
 * What became of the conversations that went to a person.
 * @param {Totals} now
 */
function then({ handed_off_then: counts = {} }) {
  const parts = counted(RESOLUTIONS, counts).filter((kind) => kind.count > 0).map((kind) => `${count(kind.count)} ${kind.label.toLowerCase()}`);
  return parts.length === 0 ? null : ` After that: ${parts.join(", ")}.`;
}

/** @param {Counted} kind */
function spot({ colour }) {
  return h("span", { class: `key c${colour}`, "aria-hidden": "true" });
}

/**
 * @param {Counted} kind
 * @param {number} whole
 */
function number(kind, whole) {
  const part = share(kind.count, whole);
  return h("span", { class: "number" }, count(kind.count), part !== null && h("span", null, ` · ${percent(part)}`));
}

/**
 * Whether more of an outcome is better.
 * @param {string} name
 * @returns {-1 | 0 | 1}
 */
function goodOf(name) {
  if (name === "confirmed") return 1;
  return name === "abandoned" || name === "came_back" ? -1 : 0;
}
