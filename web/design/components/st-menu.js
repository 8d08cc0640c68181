/**
 * <st-menu label="More"> <st-button slot="trigger" icon="more" label="More"></st-button> </st-menu>
 *
 * A menu behind a button. `items` (property): `[{id, label, icon, kbd, hint, danger, disabled, checked}]`, or `"-"` for a line between.
 * Fires `choose` with the item's id as detail. Arrow keys, Home, End, the first letters, Escape. `align="start|end"`.
 */

import { StElement, define } from "../element.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { place } from "../place.js";
import { css } from "../sheet.js";

const styles = css`
:host { display: inline-block; }
.menu {
  position: fixed; inset: auto; margin: 0; min-inline-size: 190px; max-inline-size: min(340px, calc(100vw - 16px)); max-block-size: min(70dvh, 460px); overflow: auto;
  padding: 5px; border: 1px solid var(--st-line); border-radius: var(--st-radius); background: var(--st-surface); color: var(--st-text); box-shadow: var(--st-shadow-l);
}
.item { display: flex; align-items: center; gap: 9px; inline-size: 100%; min-block-size: var(--st-height); padding: 4px 9px; border-radius: var(--st-radius-s); }
.item:hover, .item:focus-visible { background: var(--st-hover); outline-offset: -2px; }
.item svg { color: var(--st-quiet); }
.item .words { flex: 1; min-inline-size: 0; }
.item .hint { display: block; color: var(--st-quiet); font-size: var(--st-text-s); }
.item.danger, .item.danger svg { color: var(--st-bad-text); }
.item[aria-disabled="true"] { opacity: .55; cursor: default; }
hr { margin: 5px 4px; border: 0; border-block-start: 1px solid var(--st-line); }
.space { inline-size: 18px; }
@media (pointer: coarse) { kbd { display: none; } }
`;

/** @typedef {{id: string, label: string, icon?: string, kbd?: string, hint?: string, danger?: boolean, disabled?: boolean, checked?: boolean}} MenuItem */

export class StMenu extends StElement {
  static styles = [styles];

  /** @type {(MenuItem|"-")[]} */
  #items = [];
  #menu = h("div", { class: "menu", role: "menu", popover: "auto" });
  #trigger = h("slot", { name: "trigger" });
  #letters = "";
  #lettersAt = 0;

  constructor() {
    super();
    this.root.append(this.#trigger, this.#menu);
    this.#trigger.addEventListener("click", () => (this.#menu.matches(":popover-open") ? this.close() : this.open()));
    this.#trigger.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      this.open();
    });
    this.#menu.addEventListener("keydown", (event) => this.#key(event));
    this.#menu.addEventListener("toggle", (event) => this.#say("expanded", String(event.newState === "open")));
  }

  get #opener() {
    return /** @type {HTMLElement|undefined} */ (this.#trigger.assignedElements()[0]);
  }

  get items() {
    return this.#items;
  }

  set items(items) {
    this.#items = items;
    this.changed();
  }

  connected() {
    queueMicrotask(() => {
      this.#say("haspopup", "menu");
      this.#say("expanded", "false");
    });
  }

  /** Tells what opens the menu; one of our buttons passes it on to the button in it. @param {string} name @param {string} value */
  #say(name, value) {
    const opener = this.#opener;
    opener?.setAttribute(opener.localName === "st-button" ? name : `aria-${name}`, value);
  }

  open() {
    this.render();
    this.#menu.showPopover();
    place(this.#menu, this.#opener ?? this, this.getAttribute("align") === "end" ? "end" : "start");
    this.#entries()[0]?.focus();
  }

  close() {
    this.#menu.hidePopover();
    this.#opener?.focus();
  }

  #entries() {
    return /** @type {HTMLElement[]} */ ([...this.#menu.querySelectorAll(".item")]);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const entries = this.#entries();
    const at = entries.indexOf(/** @type {HTMLElement} */ (this.root.activeElement));
    const steps = { ArrowDown: at + 1, ArrowUp: at - 1 + entries.length, Home: 0, End: entries.length - 1 };
    const to = Reflect.get(steps, event.key);
    if (to !== undefined) {
      entries[to % entries.length]?.focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      this.close();
      if (event.key === "Tab") return;
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && event.key !== " ") {
      this.#letters = (event.timeStamp - this.#lettersAt > 800 ? "" : this.#letters) + event.key.toLowerCase();
      this.#lettersAt = event.timeStamp;
      entries.find((entry) => entry.textContent?.trim().toLowerCase().startsWith(this.#letters))?.focus();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  render() {
    this.#menu.setAttribute("aria-label", this.getAttribute("label") ?? "Menu");
    const hasIcons = this.#items.some((item) => item !== "-" && (item.icon || item.checked !== undefined));
    fill(this.#menu, this.#items.map((item) => (item === "-" ? h("hr") : this.#entry(item, hasIcons))));
  }

  /**
   * @param {MenuItem} item
   * @param {boolean} hasIcons
   */
  #entry(item, hasIcons) {
    const isCheck = item.checked !== undefined;
    const mark = isCheck ? (item.checked ? "check" : null) : item.icon;
    return h("button", {
      type: "button", class: `item ${item.danger ? "danger" : ""}`, role: isCheck ? "menuitemradio" : "menuitem", tabIndex: -1,
      "aria-checked": isCheck ? String(item.checked) : null, "aria-disabled": item.disabled ? "true" : null,
      onclick: () => {
        if (item.disabled) return;
        this.close();
        this.emit("choose", item.id);
      },
    }, mark ? icon(mark, 17) : hasIcons && h("span", { class: "space" }),
    h("span", { class: "words" }, item.label, item.hint && h("span", { class: "hint" }, item.hint)),
    item.kbd && h("kbd", { "aria-hidden": "true" }, item.kbd));
  }
}

define("st-menu", StMenu);
