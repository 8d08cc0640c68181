/**
 * `<steward-chat>`: the customer's chat, in the corner of any page.
 *
 *   <script type="module" src="https://chat.example.com/widget/steward-chat.js"></script>
 *   <steward-chat heading="Example support"></steward-chat>
 *
 * Attributes: base-url (default: where this script came from), token (who is signed in; none: an anonymous visitor),
 *   heading, greeting, suggestions (a JSON list of questions), open.
 * Properties: token (setting another person's starts their session and clears the transcript), open.
 * Methods: ask(text) opens the chat and sends the text.
 * Events (bubbling): steward:ready {conversation}, steward:message {from, text, …}, steward:token-expired.
 *
 * This file joins the parts: identity.js, outbox.js and socket.js below, transcript.js and template.js above.
 */

import { Composer, isSendable } from "./composer.js";
import { downloadTranscript } from "./download.js";
import { Holder } from "./holder.js";
import { Identity } from "./identity.js";
import { Outbox } from "./outbox.js";
import { Panel } from "./panel.js";
import { Presence } from "./presence.js";
import { ChatSocket } from "./socket.js";
import { stylesheet } from "./styles.js";
import { suggestionItems } from "./suggestions.js";
import { widgetMarkup } from "./template.js";
import { Transcript } from "./transcript.js";
import { Unread } from "./unread.js";

const WAITING_DOTS_MS = 90_000;
const TYPING_DOTS_MS = 8_000;
const ASK_FOR_PERSON = "I'd like to talk to a person.";

export class StewardChat extends HTMLElement {
  static observedAttributes = ["base-url", "token", "heading", "greeting", "open", "suggestions"];

  #ui = {};
  #composer;
  #panel;
  #transcript;
  #socket = null;
  #identity = null;
  #token = null;
  #unread;
  #presence;
  #holder;
  #ended = false;
  #pageListeners = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [stylesheet];
    root.append(widgetMarkup());
    for (const name of [
      "launcher", "badge", "panel", "presence", "save", "close", "banner", "banner-text", "banner-action", "scroller", "greeting", "list", "suggestions", "to-end",
      "handoff", "handoff-text", "confirm", "confirm-yes", "confirm-no", "composer", "notice", "send", "counter", "person", "again", "announcer",
    ]) {
      this.#ui[name] = root.querySelector(`.${name}`);
    }
    this.#ui.heading = root.querySelector("#heading");
    this.#ui.confirmText = root.querySelector("#confirm-text");
    const { panel, launcher, composer, send, counter, notice } = this.#ui;
    const text = root.querySelector("textarea");
    this.#composer = new Composer({ form: composer, text, send, counter, notice }, (written) => this.#send(written));
    this.#panel = new Panel(this, { panel, launcher }, () => {
      if (!this.#ui.confirm.hidden && !this.#ended) this.#ui["confirm-no"].click();
      else this.open = false;
    });
    this.#transcript = new Transcript(
      { scroller: this.#ui.scroller, list: this.#ui.list, toEnd: this.#ui["to-end"] },
      {
        onEdit: (refused) => this.#composer.putBack(refused),
        names: () => ({ steward: "Automated assistant", agent: this.#holder.personName }),
      },
    );
    this.#unread = new Unread(this.#ui);
    this.#presence = new Presence(this.#ui, () => this.#socket.retryNow());
    this.#holder = new Holder({ ui: this.#ui, transcript: this.#transcript, announce: (text) => this.#announce(text) });
    this.#listen();
  }

  connectedCallback() {
    if (Object.hasOwn(this, "token")) {
      // The page set the property before this script had loaded.
      const { token } = this;
      delete this.token;
      this.#token = token;
    }
    this.#pageListeners = new AbortController();
    const { signal } = this.#pageListeners;
    document.addEventListener("visibilitychange", () => document.hidden || this.#socket?.retryNow(), { signal });
    this.#panel.connect();
    this.#showWords();
    this.#begin();
    this.#showOpen();
  }

  disconnectedCallback() {
    this.#pageListeners?.abort();
    this.#panel.disconnect();
    this.#socket?.stop();
    this.#socket = null;
  }

  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    if (name === "token") this.#token = after;
    if (!this.isConnected || !this.#pageListeners) return;
    if (name === "open") this.#showOpen();
    else if (name === "token" || name === "base-url") this.#begin();
    else this.#showWords();
  }

  get token() {
    return this.#token;
  }

  set token(token) {
    const next = token || null;
    if (next === this.#token) return;
    this.#token = next;
    if (this.isConnected) this.#begin();
  }

  get open() {
    return this.hasAttribute("open");
  }

  set open(open) {
    this.toggleAttribute("open", Boolean(open));
  }

  /** Open the chat and ask. */
  ask(text) {
    this.open = true;
    this.#send(String(text));
  }

  get #baseUrl() {
    const base = this.getAttribute("base-url") || new URL("..", import.meta.url).href;
    return new URL(base, document.baseURI).href.replace(/\/+$/, "");
  }

  /** Start as whoever the token says; what they said before comes back from the server. */
  #begin() {
    const identity = new Identity(this.#baseUrl, this.#token);
    this.#identity = identity;
    this.#socket?.stop();
    this.#clear();
    const outbox = new Outbox(identity);
    this.#socket = new ChatSocket({ baseUrl: this.#baseUrl, identity, outbox, handlers: this.#handlers(outbox) });
    this.#showUnsent(outbox);
    this.#presence.clear();
    // A closed chat without a past costs the server nothing.
    if (this.open || this.#socket.hasHistory) this.#socket.start();
  }

  #clear() {
    this.#transcript.clear();
    this.#holder.clear();
    this.#ended = false;
    this.#unread.clear();
    this.#composer.notice(null);
    this.#ui.confirm.hidden = true;
    this.#showState();
  }

  #showUnsent(outbox) {
    for (const { id, text } of outbox.items) this.#transcript.customer({ id, text, state: "queued" });
    this.#showSuggestions();
  }

  #handlers(outbox) {
    return {
      state: (name, detail) => this.#connectionState(name, detail),
      frame: (frame) => this.#frame(frame),
      sending: (id) => this.#transcript.setState(id, "sending"),
      delivered: (id, seq, kept) => {
        this.#transcript.setState(id, "delivered", { seq, kept });
        if (!this.#holder.withPerson && this.#transcript.awaitsReplyTo(seq)) this.#transcript.typing(true, WAITING_DOTS_MS);
      },
      limited: (ms, text) => {
        this.#transcript.queueUndelivered();
        this.#composer.countdown(sentence(text || "That was a lot at once."), ms);
      },
      refused: (id, code, text) => {
        const reason = code?.includes("too_long") ? "This message is too long." : text || "This message could not be sent.";
        this.#transcript.setState(id, "refused", { reason: sentence(reason) });
        this.#announce("Your message was not sent.");
        if (code === "conversation_closed") this.#end();
      },
      notice: (_code, text) => {
        this.#transcript.typing(false);
        this.#composer.notice(sentence(text || "Something went wrong. Please try again."));
      },
      reset: () => {
        this.#clear();
        this.#showUnsent(outbox);
      },
      tokenExpired: () => this.#emit("steward:token-expired", {}),
    };
  }

  #frame(frame) {
    switch (frame.type) {
      case "message":
        if (this.#transcript.hasCustomer(frame.id)) return;
        this.#transcript.customer({ id: frame.id, text: frame.text, seq: frame.seq, state: "delivered" });
        this.#emit("steward:message", { from: "customer", text: frame.text, seq: frame.seq });
        break;
      case "delta":
        this.#transcript.delta(frame);
        break;
      case "reply":
        this.#transcript.reply(frame);
        if (frame.decision === "hand_off") this.#holder.inLine();
        if (this.#isNew(frame.seq)) this.#announce(`${frame.from === "agent" ? this.#holder.personName : "Assistant"}: ${frame.text}`);
        this.#emit("steward:message", { from: frame.from, text: frame.text, seq: frame.seq, decision: frame.decision, citations: frame.citations });
        break;
      case "event":
        this.#event(frame);
        break;
      default:
    }
    if (frame.type === "reply" || frame.event === "agent_joined") this.#countUnread(frame.seq);
    if (this.open && !document.hidden) this.#socket.markRead();
    this.#showSuggestions();
  }

  #event(frame) {
    if (frame.event === "typing") {
      this.#transcript.typing(true, TYPING_DOTS_MS);
    } else if (frame.event === "closed") {
      this.#transcript.status("This conversation has ended", "closed", frame.seq);
      this.#end();
    } else {
      this.#holder.event(frame);
    }
  }

  /** What is written from here on begins a new conversation. */
  #end() {
    this.#ended = true;
    this.#transcript.dropUnfinished();
    this.#showState();
  }

  #connectionState(name, { seq, delayMs }) {
    if (name === "online") this.#emit("steward:ready", { conversation: this.#socket.conversation, seq });
    else {
      this.#transcript.interrupt();
      this.#transcript.queueUndelivered();
    }
    this.#presence.state(name, delayMs);
  }

  #send(raw) {
    const text = raw.trim();
    if (!isSendable(text)) return false;
    if (this.#ended) this.#socket.startNewConversation();
    this.#composer.notice(null);
    const { id } = this.#socket.send(text);
    this.#transcript.customer({ id, text, state: this.#socket.isSending(id) ? "sending" : "queued" });
    this.#emit("steward:message", { from: "customer", text, id });
    this.#showSuggestions();
    return true;
  }

  #listen() {
    const ui = this.#ui;
    ui.launcher.addEventListener("click", () => (this.open = true));
    ui.close.addEventListener("click", () => (this.open = false));
    ui.save.addEventListener("click", () => this.#download());
    ui.person.addEventListener("click", () => this.#send(ASK_FOR_PERSON));
    ui.again.addEventListener("click", () => this.#confirmNew());
    ui["confirm-no"].addEventListener("click", () => {
      ui.confirm.hidden = true;
      ui.again.focus();
    });
    ui["confirm-yes"].addEventListener("click", () => {
      this.#socket.startNewConversation();
      this.#composer.focus();
    });
  }

  async #download() {
    const { conversation } = this.#socket;
    try {
      await downloadTranscript({ baseUrl: this.#baseUrl, identity: this.#identity, conversation });
    } catch {
      this.#composer.notice("The conversation could not be downloaded. Please try again in a moment.");
    }
  }

  #confirmNew() {
    this.#ui.confirmText.textContent = "Start a new conversation? You'll leave this one, and anything not yet sent is dropped.";
    this.#ui["confirm-no"].hidden = false;
    this.#ui.confirm.hidden = false;
    this.#ui["confirm-yes"].focus();
  }

  #showState() {
    const { confirm } = this.#ui;
    this.#holder.hide();
    if (this.#ended) {
      this.#ui.confirmText.textContent = "Need anything else?";
      this.#ui["confirm-no"].hidden = true;
    }
    confirm.hidden = !this.#ended;
    this.#unread.show();
  }

  #showOpen() {
    if (this.open) {
      this.#socket.start();
      this.#socket.markRead();
      this.#unread.clear();
    }
    this.#panel.show(this.open, this.#composer.field);
    this.#composer.measure();
    if (this.open) this.#transcript.scrollToEnd();
  }

  #showWords() {
    const heading = this.getAttribute("heading") || "Chat with us";
    this.#ui.heading.textContent = heading;
    this.#ui.greeting.textContent = this.getAttribute("greeting") || "Hello! Ask us anything about our products, our policies, or your orders.";
    this.#showSuggestions();
    this.#unread.show();
  }

  #showSuggestions() {
    const { suggestions, list, again, save } = this.#ui;
    const empty = list.childElementCount === 0;
    again.disabled = empty;
    save.hidden = empty;
    suggestions.hidden = !empty;
    if (!empty) return;
    const items = suggestionItems(this.getAttribute("suggestions"), (question) => {
      this.#send(question);
      this.#composer.focus();
    });
    suggestions.replaceChildren(...items);
  }

  #isNew(seq) {
    return this.#socket !== null && seq > this.#socket.read;
  }

  #countUnread(seq) {
    if (!this.open && this.#isNew(seq)) this.#unread.add();
  }

  /** Read out once and whole; the visible text grows letter by letter, which no one wants to hear. */
  #announce(text) {
    if (this.open) this.#ui.announcer.textContent = text;
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

/** The server's errors are lowercase and without a full stop; a customer reads sentences. */
function sentence(text) {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}

customElements.define("steward-chat", StewardChat);
