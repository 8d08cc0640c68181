/**
 * <st-list label="Conversations" estimate="84"></st-list>
 *
 * A list of any length: only the rows in sight, and a few around them, are elements. Rows may differ in height and may grow.
 *
 *   list.keyOf = (item) => item.id           what stays the same while an item changes
 *   list.rowOf = (item, index, old) => row   makes the row's content, or changes the `old` one and gives it back
 *   list.items = […]                         shows these; what is in sight stays where it is
 *   list.toEnd()  list.show(key, "start"|"center"|"near")  list.isAtEnd
 *
 * Rows are in the list's own shadow root: `list.sheets = [styles]` gives it the style sheets that they need.
 * `follow`: a reader at the end is taken along when it grows, one who scrolled up is left in peace. `roving`: the arrow keys, Home,
 * End, Page Up and Page Down move the focus from row to row (to the row's first link or button). Fires `edge` with "start" or
 * "end" when less than a screen is left there, and `shown` with {first, last} after what is in sight has changed.
 */

import { StElement, define } from "../element.js";
import { h } from "../dom.js";
import { base, css } from "../sheet.js";
import { Heights } from "./heights.js";

const styles = css`
:host { display: block; overflow-y: auto; overflow-anchor: none; min-block-size: 0; position: relative; overscroll-behavior: contain; }
.space { position: relative; contain: layout; }
.rows { position: absolute; inset-inline: 0; inset-block-start: 0; }
.row { display: flow-root; }
`;

const NEAR_END_PX = 48;
const AROUND_PX = 400;

/** @typedef {any} Item */

export class StList extends StElement {
  static styles = [styles];
  static observedAttributes = ["label", "estimate"];

  /** @type {(item: Item) => string} */
  keyOf = (item) => item.id;
  /** @type {(item: Item, index: number, old: HTMLElement|null) => HTMLElement} */
  rowOf = (item) => h("div", null, String(item));

  /** @type {Item[]} */
  #items = [];
  /** @type {Map<string, number>} */
  #indexOf = new Map();
  #heights = new Heights(60);
  /** @type {Map<string, number>} */
  #measured = new Map();
  /** @type {Map<string, {row: HTMLElement, content: HTMLElement, item: Item, index: number}>} */
  #shown = new Map();
  #space = h("div", { class: "space" });
  #rows = h("div", { class: "rows", role: "list" });
  #first = 0;
  #last = -1;
  #isFollowing = true;
  #top = 0; // where we last put, or saw, the scroller
  /** @type {string|null} */
  #active = null;
  /** The row that a pointer is down on: what is taken out of it between down and up would take the click with it. @type {string|null} */
  #pressed = null;
  #frame = 0;
  #rowResize = new ResizeObserver((entries) => this.#grown(entries));
  #ownResize = new ResizeObserver(() => this.#resized());
  #width = 0;

  constructor() {
    super();
    this.#space.append(this.#rows);
    this.root.append(this.#space);
  }

  connected() {
    if (!this.hasAttribute("tabindex")) this.tabIndex = -1;
    this.#ownResize.observe(this);
    this.addEventListener("scroll", () => this.#scrolled(), { passive: true, signal: this.signal });
    this.addEventListener("keydown", (event) => this.#key(event), { signal: this.signal });
    this.root.addEventListener("focusin", (event) => this.#entered(event), { signal: this.signal });
    this.root.addEventListener("pointerdown", (event) => (this.#pressed = keyAt(event)), { signal: this.signal });
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => this.#released(), { signal: this.signal });
  }

  disconnected() {
    this.#ownResize.disconnect();
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  /** The click comes first, then what was held back for it. */
  #released() {
    if (this.#pressed === null) return;
    setTimeout(() => {
      this.#pressed = null;
      this.#draw();
    });
  }

  attributeChangedCallback() {
    this.#heights = new Heights(Number(this.getAttribute("estimate") ?? 60));
    this.#rows.setAttribute("aria-label", this.getAttribute("label") ?? "");
    this.#recount();
    this.changed();
  }

  get items() {
    return this.#items;
  }

  set items(items) {
    const anchor = this.#anchor();
    this.#items = items;
    this.#indexOf = new Map(items.map((item, index) => [this.keyOf(item), index]));
    if (this.#measured.size > 2 * items.length + 100) {
      this.#measured = new Map([...this.#measured].filter(([key]) => this.#indexOf.has(key)));
    }
    this.#recount();
    this.#restore(anchor);
    this.#draw();
  }

  /** @param {CSSStyleSheet[]} sheets */
  set sheets(sheets) {
    this.root.adoptedStyleSheets = [base, styles, ...sheets];
  }

  get isAtEnd() {
    return this.scrollHeight - this.scrollTop - this.clientHeight < NEAR_END_PX;
  }

  /** The key of the row that has, or last had, the focus. */
  get active() {
    return this.#active;
  }

  toEnd() {
    this.#isFollowing = true;
    this.#scroll(this.#heights.total);
    this.#draw();
    // Rows that came into sight may be higher than was guessed.
    for (let round = 0; round < 3 && !this.isAtEnd; round += 1) {
      this.#scroll(this.#heights.total);
      this.#draw();
    }
  }

  /**
   * Brings a row into sight.
   * @param {string} key
   * @param {"start"|"center"|"near"} [where] near: only as far as needed
   * @returns {boolean} false if there is no such row
   */
  show(key, where = "near") {
    const index = this.#indexOf.get(key);
    if (index === undefined) return false;
    this.#isFollowing = false;
    for (let round = 0; round < 3; round += 1) {
      const top = this.#heights.before(index);
      const height = this.#heights.before(index + 1) - top;
      const room = this.clientHeight;
      let to = this.scrollTop;
      if (where === "start") to = top;
      else if (where === "center") to = top - Math.max(0, (room - height) / 2);
      else if (top < to) to = top;
      else if (top + height > to + room) to = top + height - room;
      this.#scroll(to);
      this.#draw();
    }
    this.#isFollowing = this.isAtEnd;
    return true;
  }

  /**
   * The element that shows an item now, if it is in sight.
   * @param {string} key
   */
  elementOf(key) {
    return this.#shown.get(key)?.content ?? null;
  }

  /**
   * Moves the focus to a row, wherever it is.
   * @param {string} key
   */
  focusRow(key) {
    if (!this.show(key)) return;
    this.#active = key;
    this.#stops(key)?.focus({ preventScroll: true });
  }

  /** Shows again what its items say, without new items. */
  refresh() {
    for (const entry of this.#shown.values()) entry.item = undefined;
    this.#draw();
  }

  render() {
    this.#draw();
  }

  #recount() {
    this.#heights.reset(this.#items.map((item) => this.#measured.get(this.keyOf(item))));
  }

  /** What the reader looks at: a row, and how far above it the window begins. */
  #anchor() {
    if (this.#items.length === 0) return null;
    const index = this.#heights.at(this.scrollTop);
    return { keys: this.#items.slice(index, index + 20).map((item) => this.keyOf(item)), by: this.scrollTop - this.#heights.before(index) };
  }

  /** @param {{keys: string[], by: number}|null} anchor */
  #restore(anchor) {
    this.#space.style.blockSize = `${this.#heights.total}px`;
    if (this.hasAttribute("follow") && this.#isFollowing) {
      this.#scroll(this.#heights.total);
      return;
    }
    if (anchor === null || this.scrollTop === 0) return;
    const key = anchor.keys.find((each) => this.#indexOf.has(each));
    const index = key === undefined ? undefined : this.#indexOf.get(key);
    if (index !== undefined) this.#scroll(this.#heights.before(index) + (key === anchor.keys[0] ? anchor.by : 0));
  }

  /** @param {number} top */
  #scroll(top) {
    this.#space.style.blockSize = `${this.#heights.total}px`;
    this.scrollTop = top;
    this.#top = this.scrollTop;
  }

  #scrolled() {
    // Only the reader's own scrolling decides whether they follow.
    if (Math.abs(this.scrollTop - this.#top) > 1) {
      this.#isFollowing = this.isAtEnd;
      this.#top = this.scrollTop;
    }
    if (this.#frame === 0) {
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.#draw();
      });
    }
  }

  #resized() {
    if (this.clientWidth !== this.#width) {
      this.#width = this.clientWidth;
      // Other width, other heights: what is out of sight is guessed by what it was.
      for (const { row } of this.#shown.values()) this.#rowResize.observe(row);
    }
    if (this.hasAttribute("follow") && this.#isFollowing) this.#scroll(this.#heights.total);
    this.#draw();
  }

  /** @param {ResizeObserverEntry[]} entries */
  #grown(entries) {
    let above = 0;
    let hasGrown = false;
    const window = this.scrollTop;
    for (const { target } of entries) {
      const key = /** @type {HTMLElement} */ (target).dataset.key ?? "";
      const index = this.#indexOf.get(key);
      if (index === undefined || !target.isConnected) continue;
      const bottom = this.#heights.before(index + 1);
      const by = this.#measure(key, index, /** @type {HTMLElement} */ (target));
      hasGrown ||= by !== 0;
      if (bottom <= window + 1) above += by;
    }
    if (!hasGrown) return;
    this.#settle(above);
    this.#draw();
  }

  /**
   * @param {string} key
   * @param {number} index
   * @param {HTMLElement} row
   */
  #measure(key, index, row) {
    const height = row.getBoundingClientRect().height;
    if (height === 0) return 0;
    this.#measured.set(key, height);
    return this.#heights.set(index, height);
  }

  /** @param {number} above by how much what is above the window has grown */
  #settle(above) {
    this.#space.style.blockSize = `${this.#heights.total}px`;
    if (this.hasAttribute("follow") && this.#isFollowing) this.#scroll(this.#heights.total);
    else if (above !== 0) this.#scroll(this.scrollTop + above);
  }

  #draw() {
    if (!this.isConnected) return;
    const count = this.#items.length;
    for (let round = 0; round < 4; round += 1) {
      const from = this.scrollTop - AROUND_PX;
      const first = count === 0 ? 0 : this.#heights.at(Math.max(0, from));
      const last = count === 0 ? -1 : this.#heights.at(this.scrollTop + Math.max(this.clientHeight, 1) + AROUND_PX);
      this.#put(first, last);
      // Measure at once what is new, so that nothing jumps in the next frame.
      let above = 0;
      let changed = false;
      const window = this.scrollTop;
      for (const [key, { row, index }] of this.#shown) {
        if (this.#measured.has(key) && row.dataset.fresh === undefined) continue;
        delete row.dataset.fresh;
        const bottom = this.#heights.before(index + 1);
        const by = this.#measure(key, index, row);
        changed ||= by !== 0;
        if (bottom <= window + 1) above += by;
      }
      if (!changed) break;
      this.#settle(above);
    }
    this.#space.style.blockSize = `${this.#heights.total}px`;
    this.#rows.style.transform = `translateY(${this.#heights.before(this.#first)}px)`;
    if (count === 0) return;
    if (this.scrollTop < this.clientHeight) this.emit("edge", "start");
    if (this.scrollHeight - this.scrollTop - this.clientHeight < this.clientHeight) this.emit("edge", "end");
  }

  /**
   * @param {number} first
   * @param {number} last
   */
  #put(first, last) {
    const wanted = new Set();
    /** @type {HTMLElement|null} */
    let before = null;
    const hasMoved = first !== this.#first || last !== this.#last;
    this.#first = first;
    this.#last = last;
    for (let index = last; index >= first; index -= 1) {
      const item = this.#items[index];
      const key = this.keyOf(item);
      wanted.add(key);
      let entry = this.#shown.get(key);
      if (entry === undefined) {
        const content = this.rowOf(item, index, null);
        const row = h("div", { class: "row", role: "listitem", "data-key": key, "data-fresh": "" }, content);
        entry = { row, content, item, index: -1 };
        this.#shown.set(key, entry);
        this.#rowResize.observe(row);
      } else if (entry.item !== item && key !== this.#pressed) {
        const content = this.rowOf(item, index, entry.content);
        if (content !== entry.content) entry.content.replaceWith(content);
        entry.content = content;
        entry.item = item;
      }
      if (entry.index !== index || entry.row.ariaSetSize !== String(this.#items.length)) {
        entry.index = index;
        entry.row.ariaPosInSet = String(index + 1);
        entry.row.ariaSetSize = String(this.#items.length);
      }
      if (entry.row.nextSibling !== before || entry.row.parentNode !== this.#rows) this.#rows.insertBefore(entry.row, before);
      before = entry.row;
    }
    for (const [key, { row }] of this.#shown) {
      if (wanted.has(key)) continue;
      this.#rowResize.unobserve(row);
      // The list keeps the focus of a row that scrolls out of sight, so that the keys go on from it.
      if (row.contains(this.root.activeElement)) this.focus({ preventScroll: true });
      row.remove();
      this.#shown.delete(key);
    }
    if (this.hasAttribute("roving")) this.#rove();
    if (hasMoved) this.emit("shown", { first, last });
  }

  #rove() {
    const activeIndex = this.#active === null ? undefined : this.#indexOf.get(this.#active);
    const isShown = activeIndex !== undefined && activeIndex >= this.#first && activeIndex <= this.#last;
    const active = isShown ? this.#active : this.#items[this.#first] === undefined ? null : this.keyOf(this.#items[this.#first]);
    for (const key of this.#shown.keys()) {
      const stop = this.#stops(key);
      if (stop) stop.tabIndex = key === active ? 0 : -1;
    }
  }

  /** @param {string} key @returns {HTMLElement|null} what takes the focus in a row */
  #stops(key) {
    const content = this.#shown.get(key)?.content;
    return content?.matches("a, button") ? content : content?.querySelector("a, button") ?? null;
  }

  /** @param {Event} event */
  #entered(event) {
    if (!this.hasAttribute("roving")) return;
    const key = keyAt(event);
    if (key !== null) {
      this.#active = key;
      this.#rove();
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!this.hasAttribute("roving") || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = moveOf(event.key, Math.max(1, Math.floor(this.clientHeight / Math.max(1, this.#heights.total / Math.max(1, this.#heights.count))) - 1), this.#items.length);
    if (step === null) return;
    event.preventDefault();
    this.move(step);
  }

  /**
   * Moves the focus by so many rows.
   * @param {number} by
   */
  move(by) {
    if (this.#items.length === 0) return;
    const at = this.#active === null ? -1 : this.#indexOf.get(this.#active) ?? -1;
    const to = Math.max(0, Math.min(this.#items.length - 1, at + by));
    this.focusRow(this.keyOf(this.#items[to]));
  }
}

/** @param {Event} event @returns {string|null} the key of the row that it happened in */
function keyAt(event) {
  const row = event.composedPath().find((node) => node instanceof HTMLElement && node.dataset.key !== undefined);
  return row instanceof HTMLElement ? (row.dataset.key ?? null) : null;
}

/**
 * @param {string} key
 * @param {number} page rows of a page
 * @param {number} count
 * @returns {number|null}
 */
function moveOf(key, page, count) {
  switch (key) {
    case "ArrowDown": return 1;
    case "ArrowUp": return -1;
    case "PageDown": return page;
    case "PageUp": return -page;
    case "Home": return -count;
    case "End": return count;
    default: return null;
  }
}

define("st-list", StList);
