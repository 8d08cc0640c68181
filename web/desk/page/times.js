/** Times as people read them: how long ago, with the exact moment behind it. */

import { h } from "/design/index.js";

const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const AGO = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const UNITS = /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ ([["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000]]);
const LONGEST_AGO_MS = 30 * 86_400_000;

/**
 * How far a moment is from now, in words.
 * @param {number} ms
 */
export function ago(ms, now = Date.now()) {
  const distance = ms - now;
  if (Math.abs(distance) > LONGEST_AGO_MS) return DATE.format(ms);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(distance) >= length) ?? ["second", 1000];
  if (unit === "second" && distance <= 0) return "just now";
  return AGO.format(Math.trunc(distance / size), unit);
}

/** @param {number} ms */
export function exactly(ms) {
  return EXACT.format(ms);
}

/**
 * A moment as an element, exact on pointing at it.
 * @param {number | null | undefined} ms
 * @param {string} [none] where there is none
 */
export function timed(ms, none = "never") {
  if (ms === null || ms === undefined) return h("span", { class: "quiet" }, none);
  return h("time", { dateTime: new Date(ms).toISOString(), title: exactly(ms) }, ago(ms));
}
