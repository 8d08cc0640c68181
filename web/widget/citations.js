/**
 * What a reply rests on: small numbered chips, one for each source, each of which opens the quoted text.
 *
 * In: `[{source, title, quote}]`. Out: an element, or null where nothing is cited.
 */

let count = 0;

export function citationsOf(citations) {
  const sources = sourcesOf(citations);
  if (sources.length === 0) return null;

  const box = element("div", "citations");
  const chips = element("ul", "chips");
  chips.setAttribute("aria-label", "Sources");
  const quote = element("div", "quote");
  quote.id = `quote-${(count += 1)}`;
  quote.hidden = true;
  box.append(chips, quote);

  const buttons = sources.map((cited, index) => {
    const button = element("button", "chip");
    button.type = "button";
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-controls", quote.id);
    const number = element("span", "chip-number", String(index + 1));
    const title = element("span", "chip-title", cited.title);
    button.append(number, title);
    button.addEventListener("click", () => {
      const opens = button.getAttribute("aria-expanded") === "false";
      for (const other of buttons) other.setAttribute("aria-expanded", String(other === button && opens));
      quote.hidden = !opens;
      if (!opens) return;
      quote.replaceChildren(...quoted(cited));
      quote.scrollIntoView({ block: "nearest" });
    });
    const item = element("li");
    item.append(button);
    chips.append(item);
    return button;
  });
  return box;
}

function quoted({ source, title, quotes }) {
  const parts = [element("p", "quote-title", title), ...quotes.map((quote) => element("blockquote", "", quote))];
  if (/^https?:\/\//.test(source)) {
    const link = element("a", "", "Read the whole page");
    link.href = source;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    parts.push(link);
  }
  return parts;
}

/** Several quotes from one page are one source, and the same quote twice is one quote. */
function sourcesOf(citations) {
  const sources = new Map();
  for (const citation of Array.isArray(citations) ? citations : []) {
    const source = citation?.source ?? "";
    const title = citation?.title || source || "Source";
    const key = JSON.stringify([title, source.split("#")[0]]);
    if (!sources.has(key)) sources.set(key, { source, title, quotes: [] });
    const { quotes } = sources.get(key);
    if (citation?.quote && !quotes.includes(citation.quote)) quotes.push(citation.quote);
  }
  return [...sources.values()];
}

/** An element with a class and text; text is always set as text, never as markup. */
export function element(name, className = "", text = null) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== null) made.textContent = text;
  return made;
}
