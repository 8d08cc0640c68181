/**
 * /desk and /desk/c/{id}: the queue, and beside it the conversation that is open. On a phone one of the two at a time.
 */

import { StElement, css, define, fill, h, isTyping } from "/design/index.js";
import { Inbox } from "../lib/inbox.js";
import { notifyNew } from "../lib/notify.js";
import { preferences } from "../lib/preferences.js";
import { go } from "../routes.js";
import { session } from "../session.js";
import "../parts/conversation-view.js";
import { InboxList, filterOf, queryOf } from "../parts/inbox-list.js";

/** @import { Route } from "../routes.js" */

const styles = css`
:host { display: grid; grid-template: minmax(0, 1fr) / minmax(290px, 350px) minmax(0, 1fr); block-size: 100%; }
.open { display: grid; grid-template: minmax(0, 1fr) / minmax(0, 1fr); min-inline-size: 0; min-block-size: 0; }
@media (min-width: 1700px) { :host { grid-template-columns: 400px minmax(0, 1fr); } }
@media (max-width: 1000px) { :host { grid-template-columns: 270px minmax(0, 1fr); } }
@media (max-width: 760px) {
  :host { grid-template-columns: minmax(0, 1fr); }
  :host(.deep) inbox-list, :host(:not(.deep)) .open { display: none; }
}
`;

export default class InboxView extends StElement {
  static styles = [styles];

  #inbox = new Inbox(session.name);
  #list = new InboxList();
  #open = h("div", { class: "open" });
  #query = "?";
  #id = "";
  /** @type {Route|undefined} */
  #route;

  constructor() {
    super();
    this.#list.inbox = this.#inbox;
    this.root.append(this.#list, this.#open);
  }

  /** @param {Route|undefined} route */
  set route(route) {
    this.#route = route;
    if (this.isConnected) this.#follow();
  }

  get route() {
    return this.#route;
  }

  connected() {
    this.#inbox.start(this.signal);
    this.#inbox.addEventListener("new", (event) => notifyNew(/** @type {CustomEvent} */ (event).detail, this.#id), { signal: this.signal });
    window.addEventListener("keydown", (event) => this.#key(event), { signal: this.signal });
    this.#query = "?";
    this.#follow();
  }

  #follow() {
    const route = this.#route;
    if (!route) return;
    const filter = filterOf(route.query);
    const query = queryOf(filter);
    if (query !== this.#query) {
      this.#query = query;
      void this.#inbox.choose(filter);
    }
    const id = route.params.id ?? "";
    this.classList.toggle("deep", id !== "");
    const seq = Number(route.query.get("seq") ?? "") || null;
    const shown = /** @type {any} */ (this.#open.querySelector("conversation-view"));
    if (id !== this.#id || shown === null) {
      this.#id = id;
      this.#list.current = id;
      if (id === "") {
        fill(this.#open, h("st-empty", { icon: "inbox", heading: "Choose a conversation", text: "The most urgent is at the top. Arrow keys move, Enter opens; Ctrl-K goes anywhere." }));
        this.emit("heading", "Inbox");
      } else {
        const view = h("conversation-view", { id: "conversation" });
        view.conversation = id;
        view.seq = seq;
        view.addEventListener("go-next", () => this.#next(1, true));
        fill(this.#open, view);
      }
    } else if (seq !== null && shown !== null) {
      shown.jump(seq);
    }
  }

  /** @param {number} by @param {boolean} [orBack] */
  #next(by, orBack = false) {
    const address = this.#list.neighbour(by) ?? (orBack ? this.#list.neighbour(-by) : null);
    if (address !== null) go(address);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.defaultPrevented || isTyping() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.composedPath().some((node) => node instanceof HTMLDialogElement || (node instanceof HTMLElement && ["menu", "tablist", "slider"].includes(node.role ?? "")))) return;
    const hasKeys = preferences().keys;
    if (event.key === "Escape" && this.#id !== "") {
      if (matchMedia("(max-width: 760px)").matches) go(`/desk${this.#query}`);
      else this.#list.focusList();
    } else if (this.#id !== "" && hasKeys && event.key === "j") this.#next(1);
    else if (this.#id !== "" && hasKeys && event.key === "k") this.#next(-1);
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && isNowhere(event)) this.#list.focusList();
    else return;
    event.preventDefault();
  }
}

/** The focus is in nothing that has keys of its own. @param {KeyboardEvent} event */
function isNowhere(event) {
  const [at] = event.composedPath();
  return at instanceof HTMLElement && ["body", "main"].includes(at.localName);
}

define("desk-inbox", InboxView);
