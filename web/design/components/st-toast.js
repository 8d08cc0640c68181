/**
 * Short messages in the lower corner of the page, at the start of the line; above everything on phones.
 *
 *   toast("Saved")                       toast("It was not saved: …", { kind: "bad" })
 *   toast("Closed", { action: { label: "Undo", run: reopen } })
 *
 * Screen readers hear them; those with an action, and faults, stay longer. Pointing at one or focusing it keeps it.
 */

import { StElement, define } from "../element.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { css } from "../sheet.js";
import "./st-button.js";

const styles = css`
:host {
  position: fixed; inset: auto; inset-block-end: 20px; inset-inline-start: 20px; margin: 0; padding: 0; border: 0; background: none; overflow: visible;
  display: grid; justify-items: start; gap: 8px; inline-size: min(420px, calc(100vw - 32px)); pointer-events: none;
}
.toast {
  display: flex; align-items: center; gap: 10px; max-inline-size: 100%; padding: 6px 8px 6px 14px; padding-inline: 14px 8px; min-block-size: 44px; border-radius: var(--st-radius); background: var(--st-surface);
  border: 1px solid var(--st-line); box-shadow: var(--st-shadow-l); pointer-events: auto; animation: rise var(--st-slow) ease-out; overflow-wrap: anywhere;
}
@media (max-width: 760px) { :host { inset-block: max(12px, env(safe-area-inset-top)) auto; inset-inline-start: 16px; justify-items: stretch; } }
@keyframes rise { from { opacity: 0; translate: 0 8px; } }
.toast p { flex: 1; padding-block: 4px; }
.bad > svg { color: var(--st-bad); }
.good > svg { color: var(--st-good); }
.info > svg { color: var(--st-info); }
`;

/** @typedef {{kind?: "good"|"bad"|"info", action?: {label: string, run: () => void}, ms?: number}} ToastOptions */

export class StToasts extends StElement {
  static styles = [styles];

  #polite = h("div", { class: "sr", role: "status" });
  #urgent = h("div", { class: "sr", role: "alert" });

  constructor() {
    super();
    this.root.append(this.#polite, this.#urgent);
  }

  /**
   * @param {string} text
   * @param {ToastOptions} options
   */
  say(text, { kind = "info", action, ms = action || kind === "bad" ? 9000 : 4500 }) {
    (kind === "bad" ? this.#urgent : this.#polite).textContent = text;
    const toast = h("div", { class: `toast ${kind}` }, icon(kind === "bad" ? "warn" : kind === "good" ? "check" : "info", 18), h("p", null, text),
      action && h("st-button", { size: "s", onclick: () => { end(); action.run(); } }, action.label),
      h("st-button", { size: "s", variant: "quiet", icon: "cross", label: "Dismiss", onclick: () => end() }));
    let timer = 0;
    const end = () => {
      clearTimeout(timer);
      toast.remove();
      if (this.root.querySelector(".toast") === null && this.matches(":popover-open")) this.hidePopover();
    };
    const wait = () => (timer = window.setTimeout(end, ms));
    for (const type of ["pointerenter", "focusin"]) toast.addEventListener(type, () => clearTimeout(timer));
    for (const type of ["pointerleave", "focusout"]) toast.addEventListener(type, wait);
    this.root.append(toast);
    while (this.root.querySelectorAll(".toast").length > 3) this.root.querySelector(".toast")?.remove();
    if (this.matches(":popover-open")) this.hidePopover(); // above a dialog that opened meanwhile
    this.showPopover();
    wait();
    return end;
  }
}

define("st-toasts", StToasts);

/** @type {StToasts|null} */
let toasts = null;

/**
 * @param {string} text
 * @param {ToastOptions} [options]
 * @returns {() => void} takes it away
 */
export function toast(text, options = {}) {
  toasts ??= /** @type {StToasts} */ (document.body.appendChild(h("st-toasts", { popover: "manual" })));
  return toasts.say(text, options);
}
