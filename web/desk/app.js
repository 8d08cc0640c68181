/**
 * <desk-app>: signs people in, shows the view that the address names, and the navigation beside it.
 */

import { StElement, define, css, fill, h, toast } from "/design/index.js";
import { session } from "./session.js";
import { find, go } from "./routes.js";
import { live } from "./lib/live.js";
import { notifyMention, toggleNotifications } from "./lib/notify.js";
import { applyScheme } from "./lib/preferences.js";
import "./parts/desk-nav.js";
import "./parts/desk-keys.js";

/** @import { Route, View } from "./routes.js" */

const styles = css`
:host { display: grid; grid-template: minmax(0, 1fr) / auto minmax(0, 1fr); block-size: 100%; }
main { display: grid; min-inline-size: 0; min-block-size: 0; block-size: 100%; overflow: hidden; }
main:focus { outline: none; }
main > * { min-inline-size: 0; min-block-size: 0; }
:host(.alone) { grid-template-columns: minmax(0, 1fr); }
nav { position: fixed; }
.skip { position: fixed; inset-block-start: 8px; inset-inline-start: 8px; z-index: 10; padding: 8px 14px; border-radius: var(--st-radius); background: var(--st-accent); color: var(--st-on-accent); transform: translateY(-200%); }
.skip:focus { transform: none; }
@media (max-width: 760px) {
  :host { grid-template-columns: minmax(0, 1fr); grid-template-rows: minmax(0, 1fr) auto; }
  desk-nav { order: 2; }
  :host(.deep) desk-nav { display: none; }
}
`;

export class DeskApp extends StElement {
  static styles = [styles];

  /** @type {View|null} */
  #view = null;
  #address = "";
  #attempt = 0;
  #main = h("main", { id: "main", tabIndex: -1 });
  #nav = h("desk-nav", { hidden: true });

  constructor() {
    super();
    this.root.append(h("nav", { "aria-label": "Skip" }, h("a", { class: "skip", href: "#main", onclick: (/** @type {Event} */ event) => { event.preventDefault(); this.#main.focus(); } }, "Skip to the content")),
      this.#nav, this.#main, h("desk-keys"));
  }

  async connected() {
    applyScheme();
    const { signal } = this;
    window.addEventListener("popstate", () => void this.#show(), { signal });
    window.addEventListener("desk-go", (event) => void this.#go(/** @type {CustomEvent} */ (event).detail), { signal });
    this.addEventListener("click", (event) => this.#follow(event), { signal });
    this.addEventListener("heading", (event) => this.#title(/** @type {CustomEvent} */ (event).detail), { signal });
    window.addEventListener("desk-notify", () => void toggleNotifications(), { signal });
    live.on("mention", (note) => this.#mentioned(note), signal);
    live.on("counts", () => this.#title(this.#heading), signal);
    session.addEventListener("change", () => void this.#changedSession(), { signal });
    fill(this.#main, h("st-empty", { kind: "loading" }));
    await this.#begin();
  }

  async #begin() {
    try {
      await session.resume();
    } catch (problem) {
      fill(this.#main, h("st-empty", { kind: "error", heading: "The desk cannot reach its server", text: String(/** @type {Error} */ (problem).message) },
        h("st-button", { variant: "primary", icon: "refresh", onclick: () => void this.#begin() }, "Try again")));
      return;
    }
    if (session.now) live.start();
    await this.#show();
  }

  async #changedSession() {
    if (session.now) {
      live.start();
      const next = new URLSearchParams(location.search).get("next");
      if (location.pathname === "/desk/sign-in") go(next?.startsWith("/desk") ? next : "/desk", { replace: true });
      return;
    }
    live.stop();
    this.#drop();
    await this.#show();
  }

  /** @param {{to: string, replace: boolean}} target */
  async #go({ to, replace }) {
    const url = new URL(to, location.href);
    if (url.href === location.href && this.#view !== null) return;
    if (!(await this.#mayLeave(url))) return;
    history[replace ? "replaceState" : "pushState"](null, "", url);
    await this.#show();
  }

  /** @param {URL} to */
  async #mayLeave(to) {
    const isWithin = this.#view !== null && find(to)?.place.load === find(new URL(this.#address || location.href))?.place.load;
    return isWithin || (await this.#view?.leave?.()) !== false;
  }

  /** Links within the desk move without loading the page anew. @param {MouseEvent} event */
  #follow(event) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (!find(new URL(link.href))) return;
    event.preventDefault();
    go(link.href);
  }

  /** @returns {Promise<void>} */
  async #show() {
    const attempt = (this.#attempt += 1);
    const found = find(location);
    if (session.now === null && location.pathname !== "/desk/sign-in") {
      const next = `${location.pathname}${location.search}`;
      history.replaceState(null, "", next === "/desk" ? "/desk/sign-in" : `/desk/sign-in?next=${encodeURIComponent(next)}`);
      return this.#show();
    }
    if (session.now !== null && location.pathname === "/desk/sign-in") {
      history.replaceState(null, "", "/desk");
      return this.#show();
    }
    const isAlone = session.now === null;
    this.classList.toggle("alone", isAlone);
    this.classList.toggle("deep", found?.place.pattern === "/desk/c/:id");
    this.#nav.hidden = isAlone;
    Reflect.set(this.#nav, "path", location.pathname);
    this.#address = location.href;
    if (found === null) {
      this.#drop();
      this.#title("Not found");
      fill(this.#main, h("st-empty", { icon: "search", heading: "There is no such page", text: "The address may be old, or mistyped." },
        h("st-button", { variant: "primary", onclick: () => go("/desk") }, "To the inbox")));
      return;
    }
    const { place, route } = found;
    let View;
    try {
      View = (await place.load()).default;
    } catch (problem) {
      console.error(problem);
      if (attempt !== this.#attempt) return;
      this.#drop();
      fill(this.#main, h("st-empty", { kind: "error", heading: "This page did not load", text: "The connection may have been lost, or the desk has been updated meanwhile." },
        h("st-button", { variant: "primary", icon: "refresh", onclick: () => location.reload() }, "Load it again")));
      return;
    }
    if (attempt !== this.#attempt) return;
    if (this.#view === null || !(this.#view instanceof View)) {
      const view = /** @type {View} */ (new View());
      view.route = route;
      this.#view = view;
      this.#title(place.title);
      fill(this.#main, view);
      // Screen readers and the keyboard begin at the new view, not where the last one was.
      if (attempt > 1 && !this.#main.contains(document.activeElement)) this.#main.focus({ preventScroll: true });
    } else {
      this.#view.route = route;
    }
  }

  #drop() {
    this.#view = null;
    fill(this.#main);
  }

  /** @param {any} note */
  #mentioned(note) {
    live.count({ mentions: live.counts.mentions + 1 });
    notifyMention(note);
    if (location.pathname.endsWith(`/${encodeURIComponent(note.conversation)}`)) return;
    toast(note.whisper_to ? `${note.author} whispers to you` : `${note.author} mentions you`, { action: { label: "Show", run: () => go(`/desk/c/${encodeURIComponent(note.conversation)}?state=all&sort=newest`) } });
  }

  #heading = "Inbox";

  /** @param {string} words */
  #title(words) {
    this.#heading = words;
    Reflect.set(this.#nav, "heading", words);
    const waiting = live.counts.queued > 0 ? `(${live.counts.queued}) ` : "";
    document.title = `${waiting}${words} · Steward desk`;
  }
}

define("desk-app", DeskApp);
