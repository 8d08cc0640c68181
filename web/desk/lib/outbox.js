/**
 * What an agent has written and the server has not yet acknowledged: kept in this browser, so that a closed window or a dead line
 * loses nothing. Each has an id of its own, under which the server stores it once however often it is sent.
 */

/** @typedef {{id: string, text: string, files: string[], atMs: number, dueMs: number, suggestion?: {id: string, original: string, composingMs: number}}} Unsent */

const PREFIX = "steward-desk-unsent:";

/** @param {string} conversation @returns {Unsent[]} */
export function unsent(conversation) {
  try {
    const kept = JSON.parse(localStorage.getItem(PREFIX + conversation) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

/** @param {string} conversation @param {Unsent[]} items */
function keep(conversation, items) {
  try {
    if (items.length === 0) localStorage.removeItem(PREFIX + conversation);
    else localStorage.setItem(PREFIX + conversation, JSON.stringify(items));
  } catch {
    // A browser that keeps nothing: what is unsent lives as long as the page.
  }
}

/** @param {string} conversation @param {Unsent} item */
export function keepUnsent(conversation, item) {
  keep(conversation, [...unsent(conversation).filter(({ id }) => id !== item.id), item]);
}

/** @param {string} conversation @param {string} id */
export function forgetUnsent(conversation, id) {
  keep(conversation, unsent(conversation).filter((item) => item.id !== id));
}
