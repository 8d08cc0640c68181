/**
 * The widget's own words in the customer's language: a module for each language, loaded when it is wanted.
 *
 * In: wishes, the best first. Out: words, numbers and times as that language writes them.
 */

const LANGUAGES = ["en", "zh", "es", "de", "fr", "ar"];

/** @typedef {typeof import("./locales/en.js").default} Words */
let words = /** @type {Words} */ ({});
let language = "";

/** Speak the first of these that there are words for. @param {(string|null|undefined)[]} wishes  @returns {Promise<boolean>} true if that is a change */
export async function speak(wishes) {
  const known = wishes.map((wish) => wish?.toLowerCase().split(/[-_]/)[0] ?? "").find((wish) => LANGUAGES.includes(wish)) ?? "en";
  if (known === language) return false;
  words = (await import(`./locales/${known}.js`)).default;
  language = known;
  return true;
}

export function languageInUse() {
  return language;
}

/** @param {keyof Words} key  @param {Record<string, string|number>} values for the {names} in it */
export function t(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => `${values[name]}`);
}

/** @param {number} value */
export function number(value) {
  return value.toLocaleString(language);
}

/** Bytes as a person reads them. @param {number} bytes */
export function size(bytes) {
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
  return value.toLocaleString(language, { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 });
}

/** A time to come: with the day, unless that is today. @param {number} ms */
export function time(ms) {
  const date = new Date(ms);
  const isToday = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(language, { weekday: isToday ? undefined : "long", hour: "numeric", minute: "2-digit" });
}

/** Write the words into the fixed markup: data-t is text, data-l the name of a control. @param {Element} root */
export function label(root) {
  root.setAttribute("lang", language);
  root.setAttribute("dir", language === "ar" ? "rtl" : "ltr");
  for (const one of root.querySelectorAll("[data-t]")) one.textContent = t(wordOf(one, "data-t"));
  for (const one of root.querySelectorAll("[data-l]")) {
    const name = t(wordOf(one, "data-l"));
    one.setAttribute("aria-label", name);
    if (one.localName === "button") one.setAttribute("title", name);
  }
}

/** @param {Element} one  @param {string} attribute */
function wordOf(one, attribute) {
  return /** @type {keyof Words} */ (one.getAttribute(attribute));
}
