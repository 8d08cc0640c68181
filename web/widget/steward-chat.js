/**
 * `<steward-chat>`: the customer's chat, in the corner of any page. How to use it, with every option: docs/widget.md.
 *
 *   <script type="module" src="https://chat.example.com/widget/steward-chat.js"></script>
 *   <steward-chat heading="Example support"></steward-chat>
 *
 * Attributes: base-url (default: where this script came from), website-token, token (who is signed in; none: an anonymous
 *   visitor), heading, greeting, suggestions (a JSON list of questions), locale, color-scheme, position, bubble, sound,
 *   title-notice, open. What the page does not say, the server's settings do.
 * Properties: token (setting another person's starts their session and clears the transcript), open.
 * Methods: ask(text), toggle(), popout(), reset(), tell(attributes).
 * Events (bubbling): steward:ready {conversation}, steward:message {from, text, …}, steward:token-expired.
 */

import { Chat } from "./chat.js";
import { Identity } from "./identity.js";
import { Panel } from "./panel.js";
import { settingsOf } from "./settings.js";
import { stylesheet } from "./styles.js";
import { widgetMarkup } from "./template.js";
import { label, languageInUse, speak, t, time } from "./words.js";

const SETTINGS_AFTER_MS = 60_000; // so old may the hours be that an opened chat shows
const TRY_AGAIN_MS = 5_000;
const FROM_SERVER = ["base-url", "website-token", "locale"];

export class StewardChat extends HTMLElement {
  static observedAttributes = [
    ...FROM_SERVER, "token", "heading", "greeting", "suggestions", "color-scheme", "position", "bubble", "sound", "title-notice", "open",
  ];

  #ui = widgetMarkup();
  #looks = this.attachInternals().states;
  #chat;
  #panel;
  /** @type {string|null} */
  #token = null;
  /** @type {import("./types").Settings} */
  #settings = {};
  #askedAt = 0; // when the settings came
  #attempt = 0;
  #isReady = false;
  /** @type {(() => void)[]} what was asked of the chat before it was there */
  #waiting = [];
  /** @type {Identity|null} */
  #identity = null;
  /** @type {AbortController|null} */
  #pageListeners = null;
  /** @type {string|null} the conversation to go on with, from another window */
  conversation = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [stylesheet];
    root.append(this.#ui.root);
    this.#chat = new Chat(this.#ui, {
      isOpen: () => this.open,
      emit: (name, detail) => this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true })),
    });
    this.#panel = new Panel(this, this.#ui, () => this.#chat.dismiss() || (this.open = false));
    this.#ui.launcher.addEventListener("click", () => (this.open = true));
    this.#ui.close.addEventListener("click", () => (this.open = false));
    this.#ui.popout.addEventListener("click", () => this.popout());
  }

  connectedCallback() {
    for (const name of /** @type {const} */ (["token", "open"])) {
      // The page set the property before this script had loaded.
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
    this.#pageListeners = new AbortController();
    document.addEventListener("visibilitychange", () => this.#chat.seen(), { signal: this.#pageListeners.signal });
    this.#panel.connect();
    this.#prepare();
  }

  disconnectedCallback() {
    this.#attempt += 1;
    this.#isReady = false;
    this.#pageListeners?.abort();
    this.#panel.disconnect();
    this.#chat.stop();
  }

  /** @param {string} name  @param {string|null} before  @param {string|null} after */
  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    if (name === "token") this.#token = after;
    if (FROM_SERVER.includes(name) && this.#pageListeners) this.#prepare();
    if (!this.#isReady) return; // all is read when it is
    if (name === "open") this.#showOpen();
    else if (name === "token") this.#begin();
    else this.#dress();
  }

  get token() {
    return this.#token;
  }

  set token(token) {
    const next = token || null;
    if (next === this.#token) return;
    this.#token = next;
    if (this.#isReady) this.#begin();
  }

  get open() {
    return this.hasAttribute("open");
  }

  set open(open) {
    this.toggleAttribute("open", Boolean(open));
  }

  /** @param {boolean} open */
  toggle(open = !this.open) {
    this.open = open;
  }

  /** Open the chat and ask. @param {string} text */
  ask(text) {
    this.#whenReady(() => {
      this.open = true;
      this.#chat.send(String(text));
    });
  }

  /** What the page knows of the customer: shown to the team as unverified. @param {import("./types").Attributes} attributes */
  tell(attributes) {
    this.#whenReady(() => this.#chat.tell(attributes));
  }

  /** Somebody else may sit here now: nothing of this person stays, in sight or in this browser. */
  reset() {
    this.#whenReady(() => {
      this.open = false;
      this.#chat.forget();
      this.#token = null;
      this.#begin();
      this.#chat.forget();
      this.#begin();
    });
  }

  /** The chat in a window of its own. */
  popout() {
    this.#whenReady(async () => {
      const identity = /** @type {Identity} */ (this.#identity);
      const says = (/** @type {string} */ name) => this.getAttribute(name);
      const page = new URL(`${this.#baseUrl}/widget/window.html`);
      // The window of another origin does not see what this page remembers. What stands behind the # is sent to nobody.
      const isOurs = page.origin === location.origin && identity.isVisitor;
      const token = isOurs ? null : await identity.token().catch(() => null);
      page.hash = encodeURIComponent(
        JSON.stringify({
          token,
          conversation: isOurs ? null : this.#chat.conversation,
          "website-token": says("website-token"),
          heading: this.#ui.heading.textContent,
          greeting: this.#ui.greeting.textContent,
          locale: languageInUse(),
          "color-scheme": says("color-scheme"),
        }),
      );
      if (window.open(page, "steward-chat", "popup,width=440,height=720")) this.open = false;
      else this.#chat.problem(t("popoutBlocked"));
    });
  }

  #whenReady(/** @type {() => void} */ act) {
    if (this.#isReady) act();
    else this.#waiting.push(act);
  }

  get #baseUrl() {
    const base = this.getAttribute("base-url") || new URL("..", import.meta.url).href;
    return new URL(base, document.baseURI).href.replace(/\/+$/, "");
  }

  /** Learn the settings and the language; then show, and start as whoever the token says. */
  async #prepare() {
    const attempt = (this.#attempt += 1);
    this.#isReady = false;
    const settings = await settingsOf(this.#baseUrl, this.getAttribute("website-token"));
    const wish = this.getAttribute("locale") || settings.locale;
    const wishes = wish && wish !== "auto" ? [wish] : [document.documentElement.lang, ...navigator.languages];
    try {
      await speak(wishes);
    } catch {
      setTimeout(() => attempt === this.#attempt && this.#prepare(), TRY_AGAIN_MS);
      return;
    }
    if (attempt !== this.#attempt) return;
    this.#settings = settings;
    this.#askedAt = Date.now();
    label(this.#ui.root);
    this.#dress();
    this.#begin();
    this.#isReady = true;
    this.#ui.root.hidden = false;
    this.#showOpen();
    this.dispatchEvent(new CustomEvent("steward:ready", { detail: { conversation: this.#chat.conversation }, bubbles: true, composed: true }));
    for (const act of this.#waiting.splice(0)) act();
  }

  #begin() {
    const identity = new Identity(this.#baseUrl, this.#token);
    this.#identity = identity;
    if (this.conversation) identity.remember("session", { conversation: this.conversation, read: 0 });
    this.conversation = null;
    this.#chat.begin(identity);
  }

  #showOpen() {
    this.#panel.show(this.open, this.#ui.text);
    if (!this.open) return;
    this.#chat.opened();
    if (Date.now() - this.#askedAt > SETTINGS_AFTER_MS) this.#refresh();
  }

  /** The hours, and what else has changed since the page was opened. */
  async #refresh() {
    this.#askedAt = Date.now();
    const settings = await settingsOf(this.#baseUrl, this.getAttribute("website-token"));
    if (!this.#isReady || Object.keys(settings).length === 0) return;
    this.#settings = settings;
    this.#dress();
  }

  /** Words and looks: what the page says, else what the server says, else ours. */
  #dress() {
    const ui = this.#ui;
    const { heading, greeting, position, color_scheme, suggestions, hours, offline_message } = this.#settings;
    const says = (/** @type {string} */ name) => this.getAttribute(name);
    ui.heading.textContent = says("heading") || heading || t("heading");
    ui.greeting.textContent = says("greeting") || greeting || t("greeting");

    const scheme = says("color-scheme") || color_scheme;
    for (const name of ["light", "dark"]) ui.root.classList.toggle(name, scheme === name);
    this.#look("left", (says("position") || position) === "left");
    this.#look("bare", says("bubble") === "hidden");
    this.#look("whole", says("bubble") === "none");
    for (const name of /** @type {const} */ (["accent", "accent_text", "accent_on_light", "accent_on_dark"])) {
      ui.root.style.setProperty(`--${name}`, this.#settings[name] ?? "");
    }

    const back = hours?.next_open_ms;
    ui.away.hidden = hours?.open !== false;
    ui.away.textContent = [offline_message || t("away"), back ? t("awayUntil", { time: time(back) }) : ""].join(" ");
    this.#chat.unread.soundDefault = says("sound") === "on";
    this.#chat.unread.titleNotice = says("title-notice") !== "off";
    this.#chat.set(this.#settings, listed(says("suggestions")) ?? suggestions ?? []);
  }

  /** @param {string} name  @param {boolean} on */
  #look(name, on) {
    if (on) this.#looks.add(name);
    else this.#looks.delete(name);
  }
}

/** @param {string|null} json  @returns {string[]|null} null where the page says nothing that is a list */
function listed(json) {
  try {
    const list = JSON.parse(json ?? "null");
    return Array.isArray(list) ? list.filter((item) => typeof item === "string" && item.trim() !== "") : null;
  } catch {
    return null;
  }
}

customElements.define("steward-chat", StewardChat);
