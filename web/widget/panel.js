/**
 * The panel as a window: full screen on phones, above the keyboard, with the focus where a dialog's focus belongs.
 *
 * In: the host element and its panel and launcher. Out: `onEscape()`. Knows nothing of what is inside.
 */

const fullScreen = matchMedia("(max-width: 480px), (max-height: 430px)"); // as in styles.js
const STOPS = ":is(button, textarea, input:not([type=file])):enabled, a[href], .scroller";
const touch = matchMedia("(pointer: coarse)");

export class Panel {
  #host;
  #panel;
  #launcher;
  /** @type {AbortController|null} */
  #listeners = null;

  /** @param {HTMLElement} host  @param {import("./types").Parts} parts  @param {() => void} onEscape */
  constructor(host, { panel, launcher }, onEscape) {
    this.#host = host;
    this.#panel = panel;
    this.#launcher = launcher;
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) {
        event.stopPropagation();
        onEscape();
      } else if (event.key === "Tab" && fullScreen.matches) {
        this.#keepFocusInside(event);
      }
    });
  }

  connect() {
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    window.visualViewport?.addEventListener("resize", () => this.#fit(), { signal });
    fullScreen.addEventListener("change", () => this.#fit(), { signal });
  }

  disconnect() {
    this.#listeners?.abort();
  }

  /** @param {boolean} open  @param {HTMLElement} first what takes the focus, where there is a keyboard for it */
  show(open, first) {
    const hadFocus = this.#focused !== null;
    this.#panel.hidden = !open;
    this.#launcher.hidden = open;
    this.#launcher.setAttribute("aria-expanded", String(open));
    this.#fit();
    if (!open && hadFocus) this.#launcher.focus();
    // A page that starts with the chat open keeps its own focus. On touch screens the keyboard would hide the
    // greeting: there the person taps first.
    if (open && (hadFocus || document.activeElement !== document.body)) (touch.matches ? this.#panel : first).focus();
  }

  /** On a phone the keyboard covers the page without resizing it; the panel takes what remains in sight. */
  #fit() {
    const covers = fullScreen.matches && !this.#panel.hidden;
    this.#panel.setAttribute("aria-modal", String(covers));
    const height = window.visualViewport?.height;
    if (covers && height) this.#host.style.setProperty("--visible-height", `${height}px`);
    else this.#host.style.removeProperty("--visible-height");
  }

  /** Where the chat covers the page, Tab does not wander off behind it. */
  #keepFocusInside(/** @type {KeyboardEvent} */ event) {
    const all = /** @type {HTMLElement[]} */ ([...this.#panel.querySelectorAll(STOPS)]);
    const stops = all.filter((stop) => stop.checkVisibility({ visibilityProperty: true }));
    const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
    if (this.#focused !== from) return;
    event.preventDefault();
    to?.focus();
  }

  get #focused() {
    return this.#host.shadowRoot?.activeElement ?? null;
  }
}
