/**
 * The questions offered before the first message.
 *
 * In: the `suggestions` attribute, a JSON list of texts. Out: one button for each.
 */

import { element } from "./citations.js";

/** @param {string|null} json  @param {(question: string) => void} onPick */
export function suggestionItems(json, onPick) {
  return questionsOf(json).map((question) => {
    const button = element("button", "", question);
    button.type = "button";
    button.addEventListener("click", () => onPick(question));
    const item = element("li");
    item.append(button);
    return item;
  });
}

function questionsOf(json) {
  try {
    const list = JSON.parse(json ?? "[]");
    return Array.isArray(list) ? list.filter((item) => typeof item === "string" && item.trim() !== "") : [];
  } catch {
    return [];
  }
}
