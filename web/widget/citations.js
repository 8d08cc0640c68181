/**
 * What a reply rests on: small numbered chips, each of which opens the quoted text.
 *
 * In: `[{source, title, quote}]`. Out: an element, or null where nothing is cited.
 */

let count = 0;

export function citationsOf(citations) {
  const distinct = withoutRepeats(citations);
  if (distinct.length === 0) return null;

  const box = element("div", "citations");
  const chips = element("ul", "chips");
  chips.setAttribute("aria-label", "Sources");
  const quote = element("div", "quote");
  quote.id = `quote-${(count += 1)}`;
  quote.hidden = true;
  box.append(chips, quote);

  const buttons = distinct.map((citation, index) => {
    const button = element("button", "chip");
    button.type = "button";
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-controls", quote.id);
    const number = element("span", "chip-number", String(index + 1));
    const title = element("span", "chip-title", citation.title || citation.source || "Source");
    button.append(number, title);
    button.addEventListener("click", () => {
      const opens = button.getAttribute("aria-expanded") === "false";
      for (const other of buttons) other.setAttribute("aria-expanded", String(other === button && opens));
      quote.hidden = !opens;
      if (!opens) return;
      quote.replaceChildren(...quoted(citation));
      quote.scrollIntoView({ block: "nearest" });
    });
    const item = element("li");
    item.append(button);
    chips.append(item);
    return button;
  });
  return box;
}

function quoted({ source, title, quote }) {
  const parts = [element("p", "quote-title", title || source || "Source")];
  if (quote) parts.push(element("blockquote", "", quote));
  if (/^https?:\/\//.test(source ?? "")) {
    const link = element("a", "", "Read the whole page");
    link.href = source;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    parts.push(link);
  }
  return parts;
}

function withoutRepeats(citations) {
  const known = new Set();
  return (Array.isArray(citations) ? citations : []).filter((citation) => {
    const key = JSON.stringify([citation?.title, citation?.quote]);
    if (!citation || known.has(key)) return false;
    known.add(key);
    return true;
  });
}

/** An element with a class and text; text is always set as text, never as markup. */
export function element(name, className = "", text = null) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== null) made.textContent = text;
  return made;
}
