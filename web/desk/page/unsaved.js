/**
 * Guards what was written and not saved: leaving asks first, whichever way one leaves - a link, the browser's own way back, closing the tab.
 */

import { ask } from "/design/index.js";

/** @type {Set<() => boolean>} */
const guards = new Set();

/**
 * Asks before leaving while `isUnsaved()` holds, until the signal ends.
 * @param {() => boolean} isUnsaved
 * @param {AbortSignal} signal
 */
export function guard(isUnsaved, signal) {
  guards.add(isUnsaved);
  signal.addEventListener("abort", () => guards.delete(isUnsaved));
  addEventListener("beforeunload", (event) => isUnsaved() && event.preventDefault(), { signal });
}

/**
 * Whether the page may be left; asks whoever is there, if something is not saved.
 * @returns {Promise<boolean>}
 */
export async function mayLeave() {
  if (![...guards].some((isUnsaved) => isUnsaved())) return true;
  return ask({ heading: "Leave without saving?", text: "What you changed here is not saved yet and will be lost.", confirm: "Leave without saving", danger: true });
}
