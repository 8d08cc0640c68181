/**
 * <st-button variant="primary|default|quiet|danger" size="m|s" icon="send" kbd="E" label="Send" busy disabled pressed>Words</st-button>
 *
 * A button. Without words it needs `label`, which screen readers say and which shows on hover. `busy` keeps it from being pressed
 * twice; `pressed="true|false"` makes it a toggle; `kbd` shows its key; `type="submit"` sends the form that it stands in;
 * `expanded="true|false"` says whether what it opens is open. Fires `click`.
 */

import { StElement, define } from "../element.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { css } from "../sheet.js";
import { showTip } from "../tip.js";

const styles = css`
:host { display: inline-block; vertical-align: middle; }
button {
  display: inline-flex; align-items: center; justify-content: center; gap: 6px; inline-size: 100%; min-block-size: var(--st-height); padding: 0 13px;
  border: 1px solid var(--st-line); border-radius: var(--st-radius); background: var(--st-surface); font-weight: 560; line-height: 1.2; white-space: nowrap;
  transition: background-color var(--st-fast), border-color var(--st-fast);
}
button:hover { background: var(--st-hover); }
button:active { background: var(--st-selected); }
:host([size="s"]) button { min-block-size: var(--st-height-s); padding: 0 9px; font-size: var(--st-text-s); border-radius: 7px; }
:host([variant="primary"]) button { background: var(--st-accent); border-color: var(--st-accent); color: var(--st-on-accent); }
:host([variant="primary"]) button:hover { background: var(--st-accent-hover); border-color: var(--st-accent-hover); }
:host([variant="quiet"]) button { background: none; border-color: transparent; }
:host([variant="quiet"]) button:hover { background: var(--st-hover); }
:host([variant="danger"]) button { color: var(--st-bad-text); border-color: color-mix(in srgb, var(--st-bad) 45%, var(--st-line)); }
:host([variant="danger"]) button:hover { background: var(--st-bad-soft); }
:host([pressed="true"]) button { background: var(--st-accent-soft); border-color: transparent; color: var(--st-accent-text); }
button.bare { inline-size: var(--st-height); padding: 0; }
:host([size="s"]) button.bare { inline-size: var(--st-height-s); }
button:disabled { opacity: .55; }
:host([busy]) button { cursor: progress; }
:host([busy]) svg { animation: turn 1s linear infinite; }
@keyframes turn { to { rotate: 1turn; } }
@media (prefers-reduced-motion: reduce) { :host([busy]) svg { animation-duration: 4s; } }
kbd { background: none; border-color: color-mix(in srgb, currentColor 30%, transparent); color: inherit; border-block-end-width: 1px; }
@media (pointer: coarse) { kbd { display: none; } }
`;

export class StButton extends StElement {
  static styles = [styles];
  static delegatesFocus = true;
  static formAssociated = true;
  static observedAttributes = ["icon", "label", "disabled", "busy", "pressed", "kbd", "expanded", "haspopup", "icon-after"];

  #internals = this.attachInternals();
  #button = h("button", { type: "button", part: "button" });

  constructor() {
    super();
    this.root.append(this.#button);
    showTip(this.#button, () => (this.#isBare ? { text: this.getAttribute("label") ?? "", kbd: this.getAttribute("kbd") } : null));
    this.#button.addEventListener("click", () => {
      const form = this.#internals.form;
      if (this.getAttribute("type") === "submit" && form) form.requestSubmit();
    });
  }

  get disabled() {
    return this.hasAttribute("disabled");
  }

  set disabled(value) {
    this.toggleAttribute("disabled", value);
  }

  get busy() {
    return this.hasAttribute("busy");
  }

  set busy(value) {
    this.toggleAttribute("busy", value);
  }

  get #isBare() {
    return this.textContent?.trim() === "" && this.childElementCount === 0;
  }

  render() {
    const button = this.#button;
    const { busy } = this;
    const isBare = this.#isBare;
    const name = busy ? "refresh" : this.getAttribute("icon");
    const kbd = this.getAttribute("kbd");
    const after = this.getAttribute("icon-after");
    const size = this.getAttribute("size") === "s" ? 16 : 18;
    fill(button, name && icon(name, size), h("slot"), kbd && !isBare && h("kbd", { "aria-hidden": "true" }, kbd), after && icon(after, 14));
    button.classList.toggle("bare", isBare && name !== null);
    button.disabled = this.disabled;
    set(button, "aria-busy", busy ? "true" : null);
    set(button, "aria-disabled", busy ? "true" : null);
    set(button, "aria-label", this.getAttribute("label"));
    set(button, "aria-pressed", this.getAttribute("pressed"));
    set(button, "aria-expanded", this.getAttribute("expanded"));
    set(button, "aria-haspopup", this.getAttribute("haspopup"));
    set(button, "aria-keyshortcuts", kbd && kbd.length === 1 ? kbd : null);
  }

  connected() {
    this.addEventListener("click", (event) => {
      if (!this.busy) return;
      event.stopImmediatePropagation();
      event.preventDefault();
    }, { capture: true, signal: this.signal });
  }
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string|null} value
 */
function set(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

define("st-button", StButton);
