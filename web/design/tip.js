/**
 * The hint that shows beside a control while it is pointed at or focused: one for the page, in the top layer.
 * It repeats what screen readers have from the control's label, so it is hidden from them. Escape takes it away.
 */

import { fill, h } from "./dom.js";
import { place } from "./place.js";

/** @typedef {{text: string, kbd?: string|null}} Tip */

/** @type {HTMLElement|null} */
let bubble = null;
/** @type {number} */
let timer = 0;
const WAIT_MS = 350;

/**
 * @param {HTMLElement} control
 * @param {() => Tip|null} tip what to say now; null for nothing
 */
export function showTip(control, tip) {
  const show = (/** @type {number} */ wait) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      const says = tip();
      if (says && says.text !== "" && control.isConnected) open(control, says);
    }, wait);
  };
  control.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && show(WAIT_MS));
  control.addEventListener("focus", () => control.matches(":focus-visible") && show(WAIT_MS));
  for (const type of ["pointerleave", "blur", "pointerdown", "keydown"]) control.addEventListener(type, hide);
}

/**
 * @param {HTMLElement} control
 * @param {Tip} says
 */
function open(control, { text, kbd }) {
  bubble ??= document.body.appendChild(h("div", { class: "st-tip", popover: "manual", "aria-hidden": "true" }));
  fill(bubble, text, kbd ? h("kbd", null, kbd) : null);
  bubble.showPopover();
  place(bubble, control, "center");
}

function hide() {
  clearTimeout(timer);
  if (bubble?.matches(":popover-open")) bubble.hidePopover();
}
