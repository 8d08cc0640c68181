/**
 * <desk-nav>: the places of the desk, and the person's own menu. A rail beside the view; a bar below it on phones.
 * `path`: the address that is shown.
 */

import { StElement, css, define, fill, h, icon } from "/design/index.js";
import { live } from "../lib/live.js";
import { prefer, preferences } from "../lib/preferences.js";
import { go } from "../routes.js";
import { session } from "../session.js";

const styles = css`
:host { display: flex; flex-direction: column; inline-size: 82px; min-block-size: 0; background: var(--st-bg); border-inline-end: 1px solid var(--st-line); }
.brand { display: grid; place-items: center; block-size: 56px; color: var(--st-accent); }
nav { flex: 1; display: flex; flex-direction: column; gap: 2px; padding: 4px 6px; overflow-y: auto; scrollbar-width: none; }
a.place {
  position: relative; display: grid; justify-items: center; gap: 3px; padding: 8px 2px 7px; border-radius: var(--st-radius); color: var(--st-quiet); text-decoration: none;
  font-size: .6562rem; font-weight: 580; line-height: 1.2; text-align: center;
}
a.place:hover { background: var(--st-hover); color: var(--st-text); }
a.place[aria-current="page"] { background: var(--st-selected); color: var(--st-accent-text); }
.count { position: absolute; inset-block-start: 3px; inset-inline-end: 8px; min-inline-size: 18px; padding: 0 5px; border-radius: 9px; background: var(--st-accent); color: var(--st-on-accent); font-size: .6875rem; font-weight: 700; line-height: 18px; text-align: center; font-variant-numeric: tabular-nums; }
.gap { flex: 1; min-block-size: 8px; }
.me { display: grid; place-items: center; padding: 8px 0 12px; }
.me button { display: grid; place-items: center; inline-size: 44px; block-size: 44px; border-radius: 50%; }
.me button:hover { background: var(--st-hover); }
.only-small { display: none; }
@media (max-height: 640px) { a.place span.word { font-size: .5938rem; } a.place { padding-block: 5px; } }
@media (max-width: 760px) {
  :host { flex-direction: row; inline-size: auto; border: 0; border-block-start: 1px solid var(--st-line); padding-block-end: env(safe-area-inset-bottom); background: var(--st-surface); }
  .brand, .gap, a.place.rare { display: none; }
  nav { flex-direction: row; justify-content: space-around; padding: 4px; }
  a.place { flex: 1; }
  .count { inset-inline-end: calc(50% - 26px); }
  .me { padding: 4px 8px; }
}
`;

const PLACES = [
  { to: "/desk", icon: "inbox", word: "Inbox", also: "/desk/c/", count: "queued", says: "waiting" },
  { to: "/desk/mentions", icon: "at", word: "Mentions", count: "mentions", says: "unread" },
  { to: "/desk/search", icon: "search", word: "Search" },
  { to: "/desk/team", icon: "team", word: "Team" },
  { to: "/desk/outcomes", icon: "chart", word: "Outcomes", rare: true },
  { to: "/desk/gaps", icon: "gap", word: "Gaps", rare: true },
  { to: "/desk/knowledge", icon: "book", word: "Knowledge", rare: true, also: "/desk/knowledge/" },
  { to: "/desk/settings/general", icon: "gear", word: "Settings", rare: true, also: "/desk/settings" },
];

export class DeskNav extends StElement {
  static styles = [styles];

  #path = "/desk";
  #places = h("nav", { "aria-label": "Desk" });
  #trigger = h("button", { slot: "trigger", type: "button" });
  /** @type {HTMLElement|null} */
  #menu = null;
  heading = "";

  /** @param {string} path */
  set path(path) {
    this.#path = path;
    this.changed();
  }

  get path() {
    return this.#path;
  }

  connected() {
    const { signal } = this;
    live.on("counts", () => this.changed(), signal);
    live.on("state", () => this.changed(), signal);
    session.addEventListener("change", () => this.changed(), { signal });
    window.addEventListener("desk-preferences", () => this.changed(), { signal });
  }

  render() {
    if (!this.#menu) this.#build();
    fill(this.#places, PLACES.map((place) => this.#link(place)));
    this.#trigger.setAttribute("aria-label", `${session.name}: account, appearance, sign out`);
    fill(this.#trigger, h("st-avatar", { name: session.name, kind: "agent", size: 34, online: live.state === "open" ? "true" : "false" }));
    Object.assign(/** @type {HTMLElement} */ (this.#menu), { items: this.#items() });
  }

  /** What stays as it is while figures change: a menu that is open is not closed by them. */
  #build() {
    const menu = h("st-menu", { label: "You and this desk" }, this.#trigger);
    this.#menu = menu;
    menu.addEventListener("choose", (/** @type {CustomEvent} */ event) => this.#choose(event.detail));
    fill(this.root, h("div", { class: "brand" }, icon("steward", 28)), this.#places, h("div", { class: "me" }, menu));
  }

  /** @param {{to: string, icon: string, word: string, also?: string, count?: string, says?: string, rare?: boolean}} place */
  #link({ to, icon: name, word, also, count, says, rare }) {
    const isHere = this.#path === to || (also !== undefined && this.#path.startsWith(also));
    const number = count === undefined ? 0 : Reflect.get(live.counts, count);
    return h("a", { class: `place ${rare ? "rare" : ""}`, href: to, "aria-current": isHere ? "page" : null },
      icon(name, 21), h("span", { class: "word" }, word), number > 0 && [h("span", { class: "count" }, number > 99 ? "99+" : number), h("span", { class: "sr" }, ` ${says}`)]);
  }

  #items() {
    const { scheme } = preferences();
    const isSmall = matchMedia("(max-width: 760px)").matches;
    const rare = PLACES.filter((place) => place.rare).map(({ to, icon: name, word }) => ({ id: `to:${to}`, label: word, icon: name }));
    return [
      ...(isSmall ? [...rare, "-"] : []),
      { id: "to:/desk/account", label: "Your account", icon: "person", hint: session.isAdmin ? `${session.name}, admin` : session.name },
      { id: "keys", label: "Keyboard shortcuts", icon: "keyboard", kbd: "?" },
      { id: "notify", label: "Desktop notifications", icon: "bell", hint: notifyHint() },
      "-",
      ...[["auto", "As the system"], ["light", "Light"], ["dark", "Dark"]].map(([id, label]) => ({ id: `scheme:${id}`, label, checked: scheme === id })),
      "-",
      { id: "out", label: "Sign out", icon: "out" },
    ];
  }

  /** @param {string} id */
  #choose(id) {
    const [what, detail] = id.split(/:(.*)/);
    if (what === "to") go(detail);
    else if (what === "scheme") prefer({ scheme: /** @type {"auto"|"light"|"dark"} */ (detail) });
    else if (what === "keys") this.emit("desk-help");
    else if (what === "notify") this.emit("desk-notify");
    else if (what === "out") void session.signOut();
  }
}

function notifyHint() {
  if (!("Notification" in window)) return "not in this browser";
  if (Notification.permission === "denied") return "blocked in the browser's settings";
  return preferences().notify === "on" && Notification.permission === "granted" ? "on" : "off";
}

define("desk-nav", DeskNav);
