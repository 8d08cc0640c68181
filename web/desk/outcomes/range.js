/**
 * The time range of a report: what the address says, as milliseconds, and back. Days are those of the person who looks.
 *
 * In the address: `range=7d` (the last seven days, today among them) or `from=2026-11-01&to=2026-11-09` (both days included).
 */

/** @typedef {{ key: string, from_ms: number, to_ms: number, from: string, to: string, days: number }} Range */

export const PRESETS = [
  { key: "today", label: "Today", days: 1 },
  { key: "7d", label: "Last 7 days", days: 7 },
  { key: "28d", label: "Last 28 days", days: 28 },
  { key: "90d", label: "Last 90 days", days: 90 },
];

const STANDARD = "28d";
const LONGEST_BY_DAY = 45; // beyond it the charts go by week

/**
 * The range that an address asks for; what it does not say, or says wrongly, is the last 28 days.
 * @param {URLSearchParams} query
 * @returns {Range}
 */
export function rangeOf(query, now = new Date()) {
  const from = dayOf(query.get("from"));
  const to = dayOf(query.get("to"));
  if (from !== null && to !== null && from <= to) return between("custom", from, to);
  const asked = query.get("range");
  const preset = PRESETS.find(({ key }) => key === asked) ?? PRESETS.find(({ key }) => key === STANDARD);
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const first = new Date(today);
  first.setDate(first.getDate() - (preset?.days ?? 28) + 1);
  return between(preset?.key ?? STANDARD, first, today);
}

/**
 * The range as parameters of an address.
 * @param {Pick<Range, "key" | "from" | "to">} range
 * @returns {Record<string, string>}
 */
export function parametersOf({ key, from, to }) {
  return key === "custom" ? { from, to } : { range: key };
}

/**
 * How finely the charts go.
 * @param {Range} range
 * @returns {"day" | "week"}
 */
export function stepOf({ days }) {
  return days <= LONGEST_BY_DAY ? "day" : "week";
}

/**
 * The range in words, such as "20–26 Nov 2026".
 * @param {Range} range
 */
export function wordsOf({ from_ms, to_ms }) {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).formatRange(from_ms, to_ms - 1);
}

/**
 * @param {string} key
 * @param {Date} first
 * @param {Date} last
 * @returns {Range}
 */
function between(key, first, last) {
  const end = new Date(last);
  end.setDate(end.getDate() + 1);
  const days = Math.round((end.getTime() - first.getTime()) / 86_400_000); // a day of summer time is not 24 hours
  return { key, from_ms: first.getTime(), to_ms: end.getTime(), from: isoOf(first), to: isoOf(last), days };
}

/**
 * Midnight of a day written as 2026-11-09, here.
 * @param {string | null} text
 */
function dayOf(text) {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text ?? "") ?? [];
  if (year === undefined) return null;
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  return date.getDate() === Number(day) ? date : null;
}

/** @param {Date} date */
function isoOf(date) {
  return [String(date.getFullYear()), pad(date.getMonth() + 1), pad(date.getDate())].join("-");
}

/** @param {number} number */
function pad(number) {
  return String(number).padStart(2, "0");
}
