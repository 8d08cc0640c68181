/** The marks of Markdown as buttons over a text area: around what is selected, or before its lines. Each can be undone as if it was typed. */

import { h } from "/design/index.js";

const TOOLS = [
  { label: "Heading", line: "## " },
  { label: "Bold", around: "**" },
  { label: "List", line: "- " },
  { label: "Steps", line: "1. " },
  { label: "Link", link: true },
];

/**
 * @param {HTMLTextAreaElement} area
 * @param {() => void} changed
 */
export function toolbar(area, changed) {
  return h("div", { class: "tools", role: "toolbar", "aria-label": "Marks" }, TOOLS.map((tool) =>
    h("st-button", { variant: "quiet", size: "s", onclick: () => mark(area, tool, changed) }, tool.label)));
}

/**
 * @param {HTMLTextAreaElement} area
 * @param {{ line?: string, around?: string, link?: boolean }} tool
 * @param {() => void} changed
 */
function mark(area, { line, around, link }, changed) {
  area.focus();
  const { value } = area;
  const end = area.selectionEnd;
  let start = area.selectionStart;
  let text = value.slice(start, end);
  let caret = 0;
  if (line !== undefined) {
    start = value.lastIndexOf("\n", start - 1) + 1;
    text = value.slice(start, end).split("\n").map((each) => (each.startsWith(line) ? each.slice(line.length) : `${line}${each}`)).join("\n");
  } else if (around !== undefined) {
    text = `${around}${text}${around}`;
    caret = start === end ? around.length : 0;
  } else if (link) {
    text = `[${text || "words"}](https://)`;
    caret = 1;
  }
  area.setSelectionRange(start, end);
  // The command keeps the browser's own way to undo; where it is gone, the text changes all the same.
  if (!document.execCommand("insertText", false, text)) area.setRangeText(text, start, end, "end");
  if (caret > 0) area.setSelectionRange(area.selectionEnd - caret, area.selectionEnd - caret);
  changed();
}
