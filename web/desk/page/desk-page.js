/**
 * A page of the desk that asks the server for something and then shows it: what it is while it waits, when that failed, and after.
 *
 * A page writes `ask()`, which answers with what it shows, and `body(shown)`. `reload()` asks again; an answer that was overtaken by a later
 * question is dropped. `titled()` is the page's head.
 */

import { fill, h, icon, StElement } from "/design/index.js";
import { page } from "./sheet.js";

/** @typedef {import("/design/dom.js").Child} Child */
/** @typedef {import("../routes.js").Route} Route */

const WAITING_AFTER_MS = 180; // what comes sooner needs no sign of waiting

/** @template T */
export class DeskPage extends StElement {
  static styles = [page];

  /** @type {T | null} */
  shown = null;
  /** @type {Error | null} */
  fault = null;
  #asked = 0;
  #isWaiting = false;
  /** @type {Route | null} */
  #route = null;

  /** Where the page is; another address within it asks again. */
  get route() {
    return this.#route;
  }

  set route(route) {
    const isNew = this.#route !== null && address(route) !== address(this.#route);
    this.#route = route;
    if (isNew && this.isConnected) this.reload();
  }

  /** What the address says besides the path. */
  get query() {
    return this.#route?.query ?? new URLSearchParams(location.search);
  }

  connected() {
    this.reload();
  }

  /**
   * What is to be shown.
   * @returns {Promise<T>}
   */
  async ask() {
    throw new Error("a page asks for something");
  }

  /**
   * The page, once what it shows is there.
   * @param {T} _shown
   * @returns {Child | Child[]}
   */
  body(_shown) {
    return null;
  }

  /** Whether the page is as wide as a report or as narrow as a form. */
  get isNarrow() {
    return false;
  }

  /** Asks again; what is shown stays until the answer is there. */
  async reload() {
    const question = (this.#asked += 1);
    const late = setTimeout(() => {
      this.#isWaiting = question === this.#asked;
      this.changed();
    }, WAITING_AFTER_MS);
    try {
      const answer = await this.ask();
      if (question !== this.#asked) return;
      [this.shown, this.fault] = [answer, null];
    } catch (error) {
      if (question !== this.#asked) return;
      this.fault = error instanceof Error ? error : new Error(String(error));
    } finally {
      clearTimeout(late);
    }
    this.#isWaiting = false;
    this.changed();
  }

  render() {
    const size = `page ${this.isNarrow ? "narrow" : ""}`;
    this.setAttribute("aria-busy", String(this.#isWaiting));
    if (this.fault !== null) fill(this.root, h("div", { class: size }, faulty(this.fault, () => this.reload())));
    else if (this.shown !== null) fill(this.root, h("div", { class: size }, this.body(this.shown)));
    else if (this.#isWaiting) fill(this.root, h("div", { class: `${size} waiting`, role: "status", "aria-label": "Loading" }, h("i"), h("i"), h("i")));
  }
}

/** @param {Route | null} route */
function address(route) {
  return `${route?.path}?${route?.query}`;
}

/**
 * The head of a page.
 * @param {string} title
 * @param {Child} [about] a sentence
 * @param {...Child} actions
 */
export function titled(title, about, ...actions) {
  const words = h("div", { class: "words" }, h("h1", null, title), about && h("p", null, about));
  return h("header", { class: "head" }, words, actions.length > 0 && h("div", { class: "actions" }, actions));
}

/**
 * A card with a heading.
 * @param {{ title: string, about?: Child, class?: string, action?: Child }} head
 * @param {...(Child | Child[])} children
 */
export function card({ title, about, class: more = "", action }, ...children) {
  return h("section", { class: `card ${more}`, "aria-label": title },
    h("div", { class: "card-head" }, h("h2", null, title), action, about && h("p", null, about)), children);
}

/**
 * Where there is nothing yet: why, and what to do.
 * @param {string} name of an icon
 * @param {string} title
 * @param {Child} [about]
 * @param {...Child} actions
 */
export function nothing(name, title, about, ...actions) {
  return h("div", { class: "empty" }, icon(name, 28), h("h2", null, title), about && h("p", null, about), actions);
}

/**
 * @param {Error} error
 * @param {() => void} again
 */
export function faulty(error, again) {
  return h("div", { class: "callout bad", role: "alert" }, icon("warn", 20),
    h("div", { class: "grow" }, h("h1", null, "This could not be shown"), h("p", null, error.message)),
    h("st-button", { size: "s", icon: "refresh", onclick: again }, "Try again"));
}
