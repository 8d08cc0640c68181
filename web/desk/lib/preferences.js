/**
 * What a person chose for this browser: the colour scheme, one-key shortcuts, notifications. Kept in local storage; works without it.
 */

/** @typedef {{scheme: "auto"|"light"|"dark", keys: boolean, notify: "unasked"|"off"|"on", sound: boolean}} Preferences */

const KEY = "steward-desk";
/** @type {Preferences} */
const DEFAULTS = { scheme: "auto", keys: true, notify: "unasked", sound: false };

/** @returns {Preferences} */
export function preferences() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return DEFAULTS;
  }
}

/** @param {Partial<Preferences>} changes */
export function prefer(changes) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...preferences(), ...changes }));
  } catch {
    // A browser that keeps nothing: the choice lasts for this page.
  }
  applyScheme();
  window.dispatchEvent(new Event("desk-preferences"));
}

export function applyScheme() {
  const { scheme } = preferences();
  const root = document.documentElement;
  if (scheme === "auto") delete root.dataset.scheme;
  else root.dataset.scheme = scheme;
}
