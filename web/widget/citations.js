/**
 * What a reply rests on: small numbered chips, one for each source, each of which opens the quoted text.
 */

import { button, element, link } from "./element.js";
import { t } from "./words.js";

let count = 0;

/** @param {import("./types").Citation[]|undefined} citations  @returns {HTMLElement|null} null where nothing is cited */
export function citationsOf(citations) {
  const sources = sourcesOf(citations);
  if (sources.length === 0) return null;

  const box = element("div", "citations");
  const chips = element("ul", "chips");
  chips.setAttribute("aria-label", t("sources"));
  const quote = element("div", "quote");
  quote.id = `quote-${(count += 1)}`;
  quote.hidden = true;
  box.append(chips, quote);

  const buttons = sources.map((cited, index) => {
    const chip = button("chip", "", () => {
      const opens = chip.getAttribute("aria-expanded") === "false";
      for (const other of buttons) other.setAttribute("aria-expanded", String(other === chip && opens));
      quote.hidden = !opens;
      if (!opens) return;
      quote.replaceChildren(...quoted(cited));
      quote.scrollIntoView({ block: "nearest" });
    });
    chip.setAttribute("aria-expanded", "false");
    chip.setAttribute("aria-controls", quote.id);
    chip.append(element("span", "chip-number", String(index + 1)), element("span", "chip-title", cited.title));
    const item = element("li");
    item.append(chip);
    chips.append(item);
    return chip;
  });
  return box;
}

/** @typedef {{source: string, title: string, quotes: string[]}} Source */

function quoted(/** @type {Source} */ { source, title, quotes }) {
  /** @type {HTMLElement[]} */
  const parts = [element("p", "quote-title", title), ...quotes.map((quote) => element("blockquote", "", quote))];
  if (/^https?:\/\//.test(source)) parts.push(link(source, t("wholePage")));
  return parts;
}

/** Several quotes from one page are one source, and the same quote twice is one quote. */
function sourcesOf(/** @type {import("./types").Citation[]|undefined} */ citations) {
  /** @type {Map<string, Source>} */
  const sources = new Map();
  for (const { source = "", title, quote } of citations ?? []) {
    const shown = title || source || t("source");
    const key = `${shown}\n${source.split("#")[0]}`;
    const known = sources.get(key) ?? { source, title: shown, quotes: [] };
    sources.set(key, known);
    if (quote && !known.quotes.includes(quote)) known.quotes.push(quote);
  }
  return [...sources.values()];
}
