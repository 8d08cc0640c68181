/**
 * How much stands there unread while the chat is closed: the badge on the launcher, and its name for screen readers.
 */

export class Unread {
  #ui;
  #count = 0;

  constructor(ui) {
    this.#ui = ui;
  }

  add() {
    this.#count += 1;
    this.show();
  }

  clear() {
    this.#count = 0;
    this.show();
  }

  show() {
    const { badge, launcher, heading } = this.#ui;
    badge.hidden = this.#count === 0;
    badge.textContent = this.#count > 9 ? "9+" : String(this.#count);
    const unread = this.#count === 0 ? "" : `, ${this.#count} unread`;
    launcher.setAttribute("aria-label", `${heading.textContent}: open chat${unread}`);
  }
}
