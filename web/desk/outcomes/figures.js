/** Numbers as people read them. Nothing that was not measured is shown as a number: it is a dash. */

export const NONE = "–";

const WHOLE = new Intl.NumberFormat();
const ONE_PLACE = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const PERCENT = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });

/** @typedef {number | null | undefined} Figure */

/** @param {Figure} value */
export function count(value) {
  return isNumber(value) ? WHOLE.format(Math.round(value)) : NONE;
}

/**
 * With one digit behind the point, as ratings are.
 * @param {Figure} value
 */
export function rating(value) {
  return isNumber(value) ? ONE_PLACE.format(value) : NONE;
}

/** @param {Figure} share 0 to 1 */
export function percent(share) {
  return isNumber(share) ? PERCENT.format(share) : NONE;
}

/**
 * @param {Figure} part
 * @param {Figure} whole
 * @returns {number | null}
 */
export function share(part, whole) {
  return isNumber(part) && isNumber(whole) && whole > 0 ? part / whole : null;
}

/**
 * A span of time in its two largest units: "45 s", "3 min 20 s", "2 h 5 min", "3 d 4 h".
 * @param {Figure} ms
 */
export function duration(ms) {
  if (!isNumber(ms)) return NONE;
  if (ms < 950) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${ONE_PLACE.format(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  const units = /** @type {[string, number][]} */ ([["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]]);
  const largest = units.findIndex(([, size]) => seconds >= size);
  const parts = [];
  let rest = seconds;
  for (const [name, size] of units.slice(largest, largest + 2)) {
    const amount = Math.floor(rest / size);
    if (amount > 0) parts.push(`${amount} ${name}`);
    rest -= amount * size;
  }
  return parts.join(" ");
}

/**
 * How a figure moved against the range before.
 * @param {Figure} now
 * @param {Figure} before
 * @param {{ isShare?: boolean }} [kind] shares move in points, all else in percent
 * @returns {{ text: string, direction: -1 | 0 | 1 } | null} null where there is nothing to compare with
 */
export function change(now, before, { isShare = false } = {}) {
  if (!isNumber(now) || !isNumber(before)) return null;
  if (isShare) {
    const points = Math.round((now - before) * 100);
    return { text: `${signed(points)} points`, direction: sign(points) };
  }
  if (before === 0) return now === 0 ? { text: "no change", direction: 0 } : null;
  const grown = Math.round(((now - before) / before) * 100);
  return { text: grown === 0 ? "no change" : `${signed(grown)}%`, direction: sign(grown) };
}

/** @param {number} value */
function signed(value) {
  return value > 0 ? `+${WHOLE.format(value)}` : WHOLE.format(value).replace("-", "−");
}

/**
 * @param {number} value
 * @returns {-1 | 0 | 1}
 */
function sign(value) {
  if (value === 0) return 0;
  return value > 0 ? 1 : -1;
}

/**
 * @param {Figure} value
 * @returns {value is number}
 */
function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}
