/** Elements with text in them: text is always set as text, never as markup; web addresses become links. */

const LINK = /https?:\/\/[^\s<>"]+[^\s<>"'.,;:!?)\]]/g;

/**
 * @template {keyof HTMLElementTagNameMap} N
 * @param {N} name  @param {string} className  @param {string|null} text
 */
export function element(name, className = "", text = null) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== null) made.textContent = text;
  return made;
}

/** @param {string} className  @param {string} text  @param {() => void} act */
export function button(className, text, act) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/** Plain text into an element: lines that begin with a dash as a list. @param {Element} parent  @param {string} text */
export function writeText(parent, text) {
  const parts = [];
  let afterItem = true; // no line break before the first line, nor after an item, which is a block of its own
  for (const line of text.split("\n")) {
    const bullet = bulletOf(line);
    if (bullet !== undefined) {
      const item = element("span", "item");
      item.append("• ", ...withLinks(bullet));
      parts.push(item);
      afterItem = true;
      continue;
    }
    parts.push(afterItem ? "" : "\n", ...withLinks(line));
    afterItem = false;
  }
  parent.replaceChildren(...parts);
}

/** What a line of a list says. @param {string} line */
export function bulletOf(line) {
  return /^[-*•] +(.*)$/.exec(line)?.[1];
}

/** @param {string} address  @param {string} text */
export function link(address, text) {
  const made = element("a", "", text);
  made.href = address;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  return made;
}

/** @param {string} text */
function withLinks(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    parts.push(text.slice(end, match.index), link(match[0], match[0]));
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts;
}
