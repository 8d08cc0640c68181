/** The figures at the head of a report: each with how it moved against the range before, and the conversations behind it. */

import { css, h, icon } from "/design/index.js";
import { change, count, duration, percent, rating, share } from "./figures.js";

/** @typedef {import("./shapes.js").Totals} Totals */
/** @typedef {(filter: Record<string, string>) => string} Behind the address of the conversations behind a figure */

export const totalStyles = css`
.totals { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(190px, 46%), 1fr)); gap: 12px; }
a.total { display: grid; align-content: start; gap: 2px; padding: 15px 17px; border: 1px solid var(--st-line); border-radius: var(--st-radius-l); background: var(--st-surface); box-shadow: var(--st-shadow); color: inherit; text-decoration: none; }
a.total:hover { border-color: var(--st-control); }
.total .label { color: var(--st-quiet); font-size: var(--st-text-s); font-weight: 560; }
.total .value { font-size: 1.75rem; font-weight: 650; line-height: 1.2; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.total .moved { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 6px; font-size: var(--st-text-s); color: var(--st-quiet); }
.moved .by { display: inline-flex; align-items: center; gap: 2px; font-weight: 600; color: var(--st-text); }
.moved .better { color: var(--st-good-text); }
.moved .worse { color: var(--st-bad-text); }
.total .about { font-size: var(--st-text-s); color: var(--st-quiet); }
`;

/**
 * @param {Totals} now
 * @param {Totals} before
 * @param {Behind} behind
 */
export function totals(now, before, behind) {
  const confirmed = (/** @type {Totals} */ { resolution, conversations }) => share(resolution.confirmed ?? 0, conversations - (resolution.open ?? 0));
  return h("section", { class: "totals", "aria-label": "Totals" },
    total({ label: "Conversations", now: now.conversations, before: before.conversations, format: count, href: behind({}), good: 0 }),
    total({
      label: "Confirmed as solved", now: confirmed(now), before: confirmed(before), format: percent, isShare: true, href: behind({ resolution: "confirmed" }), good: 1,
      about: `${count(now.resolution.confirmed ?? 0)} of ${count(now.conversations - (now.resolution.open ?? 0))} that ended`,
    }),
    total({ label: "Escalations", now: now.escalations, before: before.escalations, format: count, href: behind({ reason: "any" }), good: -1 }),
    total({
      label: "First response", now: now.first_response_ms.median, before: before.first_response_ms.median, format: duration, href: behind({}), good: -1,
      about: `nine in ten within ${duration(now.first_response_ms.p90)}`,
    }),
    total({
      label: "Satisfaction, as customers say", now: now.satisfaction.survey.mean, before: before.satisfaction.survey.mean, format: rating, href: behind({ survey: "answered" }), good: 1,
      about: now.satisfaction.survey.n === 0 ? "nobody answered the survey" : `of 5, from ${count(now.satisfaction.survey.n)} ${now.satisfaction.survey.n === 1 ? "answer" : "answers"}`,
    }));
}

/**
 * @param {object} figure
 * @param {string} figure.label
 * @param {number | null} figure.now
 * @param {number | null} figure.before
 * @param {(value: number | null) => string} figure.format
 * @param {string} figure.href
 * @param {-1 | 0 | 1} figure.good whether more is better, worse or neither
 * @param {boolean} [figure.isShare]
 * @param {string} [figure.about]
 */
function total({ label, now, before, format, href, good, isShare = false, about }) {
  return h("a", { class: "total", href },
    h("span", { class: "label" }, label), h("span", { class: "value" }, format(now)),
    moved({ now, before, format, good, isShare }), about && h("span", { class: "about" }, about));
}

/**
 * How a figure moved, in words and with an arrow; the colour repeats whether that is good.
 * @param {object} figure
 * @param {number | null} figure.now
 * @param {number | null} figure.before
 * @param {(value: number | null) => string} figure.format
 * @param {-1 | 0 | 1} figure.good
 * @param {boolean} [figure.isShare]
 */
export function moved({ now, before, format, good, isShare = false }) {
  const by = change(now, before, { isShare });
  if (before === null) return h("span", { class: "moved" }, "nothing to compare with");
  if (by === null) return h("span", { class: "moved" }, `${format(before)} before`);
  const verdict = by.direction * good;
  const arrow = by.direction === 0 ? null : icon(by.direction > 0 ? "up" : "down", 14);
  return h("span", { class: "moved" },
    h("span", { class: `by ${verdict > 0 ? "better" : verdict < 0 ? "worse" : ""}` }, arrow, by.text), by.direction !== 0 && `${format(before)} before`);
}
