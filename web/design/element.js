/**
 * The base of our components: a shadow root with adopted style sheets, and one rendering for any number of changes.
 *
 * A component states its `static styles` and `static observedAttributes`, calls `this.changed()` where something it shows has
 * changed, and writes its `render()`. Listeners that end with the element take `{ signal: this.signal }` in `connected()`.
 */

import { base } from "./sheet.js";

export class StElement extends HTMLElement {
  /** @type {CSSStyleSheet[]} */
  static styles = [];
  /** Focusing the host focuses the first field or button in it. */
  static delegatesFocus = false;

  /** @type {ShadowRoot} */
  root;
  #willRender = false;
  #listening = new AbortController();

  constructor() {
    super();
    const { styles, delegatesFocus } = /** @type {typeof StElement} */ (this.constructor);
    this.root = this.attachShadow({ mode: "open", delegatesFocus });
    this.root.adoptedStyleSheets = [base, ...styles];
  }

  /** Ends when the element leaves the page. */
  get signal() {
    return this.#listening.signal;
  }

  connectedCallback() {
    this.#listening = new AbortController();
    this.connected();
    this.changed();
  }

  disconnectedCallback() {
    this.#listening.abort();
    this.disconnected();
  }

  attributeChangedCallback() {
    this.changed();
  }

  /** Something that is shown has changed: render once, soon. */
  changed() {
    if (this.#willRender) return;
    this.#willRender = true;
    queueMicrotask(() => {
      this.#willRender = false;
      if (this.isConnected) this.render();
    });
  }

  /** The element came onto the page. */
  connected() {}

  /** The element left the page. */
  disconnected() {}

  /** Shows what is so. */
  render() {}

  /**
   * Tells whoever listens, also outside of shadow roots.
   * @param {string} type
   * @param {unknown} [detail]
   * @returns {boolean} false if somebody prevented what comes next
   */
  emit(type, detail) {
    return this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable: true }));
  }
}

/**
 * Registers a component once.
 * @param {string} name
 * @param {CustomElementConstructor} component
 */
export function define(name, component) {
  if (!customElements.get(name)) customElements.define(name, component);
}
