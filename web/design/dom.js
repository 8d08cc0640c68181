/**
 * Small tools for building pages: elements from plain values, never from HTML text.
 *
 *   h("p", { class: "quiet", onclick: run }, "Words ", h("b", null, "and more"))
 */

/** @typedef {Node|string|number|null|undefined|false|any[]} Child */

/**
 * @typedef {{
 *   <K extends keyof HTMLElementTagNameMap>(tag: K, props?: Record<string, any>|null, ...children: Child[]): HTMLElementTagNameMap[K];
 *   (tag: string, props?: Record<string, any>|null, ...children: Child[]): any;
 * }} Make
 */

/**
 * An element with attributes, properties and children. A key that is a property of the element is set as one, `on…` keys are
 * listeners, `class`, `aria-…`, `data-…` and all others attributes; null, undefined and false leave an attribute out.
 * Children may be lists of children.
 * @type {Make}
 */
export const h = (/** @type {string} */ tag, /** @type {Record<string, any>|null} */ props = null, /** @type {Child[]} */ ...children) => {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (key.startsWith("on") && typeof value === "function") {
      element.addEventListener(key.slice(2), value);
    } else if (value === null || value === undefined || value === false) {
      if (value === false && key in element) Reflect.set(element, key, false);
    } else if (key in element && !key.includes("-") && key !== "role" && typeof Reflect.get(element, key) !== "object" && Reflect.set(element, key, value)) {
      continue; // what can only be read is an attribute
    } else if (typeof value === "object") {
      Reflect.set(element, key, value);
    } else {
      element.setAttribute(key, value === true ? "" : String(value));
    }
  }
  append(element, children);
  return element;
};

/**
 * @param {Element|ShadowRoot|DocumentFragment} parent
 * @param {Child[]} children
 */
function append(parent, children) {
  for (const child of /** @type {any[]} */ (children.flat(Infinity))) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(typeof child === "number" ? String(child) : child);
  }
}

/**
 * Replaces what is in `parent`.
 * @param {Element|ShadowRoot} parent
 * @param {...Child} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

/**
 * Calls `run` once, `ms` after the last call.
 * @template {any[]} A
 * @param {(...args: A) => void} run
 * @param {number} ms
 * @returns {((...args: A) => void) & {cancel: () => void}}
 */
export function later(run, ms) {
  /** @type {number} */
  let timer = 0;
  const call = (/** @type {A} */ ...args) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => run(...args), ms);
  };
  return Object.assign(call, { cancel: () => clearTimeout(timer) });
}

/** The element that has the focus, through every shadow root. */
export function focused() {
  /** @type {Element|null} */
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at;
}

/** True where keys are words: in fields, and in what is edited. */
export function isTyping() {
  const at = focused();
  if (!(at instanceof HTMLElement)) return false;
  return at.isContentEditable || at.matches("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select");
}
