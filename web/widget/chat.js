/**
 * One person's chat: joins what they see (transcript, composer, who answers) with identity, outbox and socket.
 *
 * In: who it is and what the company has set. Out: `steward:message` and `steward:token-expired` through `emit`.
 */

import { filesOf, save } from "./attachments.js";
import { Composer, isSendable } from "./composer.js";
import { button, element } from "./element.js";
import { Holder } from "./holder.js";
import { Outbox } from "./outbox.js";
import { Presence } from "./presence.js";
import { ChatSocket } from "./socket.js";
import { Transcript } from "./transcript.js";
import { Unread } from "./unread.js";
import { t } from "./words.js";

const WAITING_DOTS_MS = 90_000;
const TYPING_DOTS_MS = 8_000;

export class Chat {
  #ui;
  #hooks;
  #composer;
  #transcript;
  #holder;
  #presence;
  /** @type {ChatSocket|null} */
  #socket = null;
  /** @type {Outbox|null} */
  #outbox = null;
  /** @type {import("./identity.js").Identity|null} */
  #identity = null;
  /** @type {import("./types").Settings} */
  #settings = {};
  /** @type {string[]} */
  #suggestions = [];
  /** @type {import("./uploads.js").Uploads|null} */
  #uploads = null;
  /** @type {import("./types").Attributes} said by the page */
  #attributes = {};
  #toldAttributes = "";
  #ended = false;
  /** @type {string|null} what is sent once the form before the chat is filled in; null: no form */
  #held = null;

  /**
   * @param {import("./types").Parts} ui
   * @param {{isOpen: () => boolean, emit: (name: string, detail: object) => void}} hooks
   */
  constructor(ui, hooks) {
    this.#ui = ui;
    this.#hooks = hooks;
    this.unread = new Unread(ui);
    this.#composer = new Composer(ui, (text) => this.send(text), () => this.#holder.withPerson && this.#socket?.typing());
    this.#transcript = new Transcript(ui, {
      edit: (refused) => this.#composer.putBack(refused),
      choose: (choice) => this.send(choice),
      agentName: () => this.#holder.personName,
      filesOf: (files) => filesOf(files, { identity: this.#who, problem: (text) => this.problem(text), grew: () => this.#transcript.follow() }),
    });
    this.#holder = new Holder({ ui, transcript: this.#transcript, announce: (text) => this.#announce(text) });
    this.#presence = new Presence(ui, () => this.#socket?.retryNow());
    this.#listen();
  }

  /** Start as this person; what they said before comes back from the server. @param {import("./identity.js").Identity} identity */
  begin(identity) {
    this.#identity = identity;
    this.#socket?.stop();
    this.#uploads?.clear();
    this.#uploads = null;
    this.#outbox = new Outbox(identity);
    this.#clear();
    this.#socket = new ChatSocket({ identity, outbox: this.#outbox, handlers: this.#handlers() });
    this.#showUnsent();
    this.#presence.clear();
    // A closed chat without a past costs the server nothing.
    if (this.#hooks.isOpen() || this.#socket.hasHistory) this.#socket.start();
  }

  stop() {
    this.#socket?.stop();
    this.#socket = null;
  }

  get conversation() {
    return this.#socket?.conversation ?? null;
  }

  /** @param {import("./types").Settings} settings  @param {string[]} suggestions */
  set(settings, suggestions) {
    this.#settings = settings;
    this.#suggestions = suggestions;
    this.#holder.hours = settings.hours;
    const { files } = settings;
    this.#ui.attach.hidden = !files?.enabled;
    this.#ui.picker.accept = files?.types.map((type) => (type.includes("/") ? type : `.${type}`)).join() ?? "";
    this.#ui.text.placeholder = t("write");
    this.#showSuggestions();
    this.unread.show();
  }

  /** The chat is in sight. */
  opened() {
    this.#socket?.start();
    this.seen();
    this.#composer.measure();
    this.#transcript.scrollToEnd();
    this.#askFirst();
  }

  /** Whoever looks has read. */
  seen() {
    if (!this.#hooks.isOpen() || document.hidden) return;
    this.#socket?.markRead();
    this.unread.clear();
  }

  /** What the page says of the customer. @param {import("./types").Attributes} attributes */
  tell(attributes) {
    const custom = { ...this.#attributes.custom, ...attributes.custom };
    this.#attributes = { ...this.#attributes, ...attributes, custom };
    this.#tell();
  }

  forget() {
    this.#attributes = {};
    this.#toldAttributes = "";
    this.#identity?.forget();
  }

  /** @param {string} text */
  problem(text) {
    this.#composer.notice(text);
  }

  /** @param {string} raw  @returns {boolean} whether it was taken */
  send(raw) {
    const text = raw.trim();
    const files = this.#composer.files.ready > 0 ? this.#uploads?.take() ?? [] : [];
    if (!this.#socket || (!isSendable(text) && files.length === 0)) return false;
    if (this.#held !== null) {
      this.#held = text;
      this.#ui.card.querySelector("input")?.focus();
      return true;
    }
    if (this.#ended) this.#socket.startNewConversation();
    this.#composer.notice(null);
    const { id } = this.#socket.send(text, files);
    this.#transcript.customer({ id, text, files, state: this.#socket.isSending(id) ? "sending" : "queued" });
    this.#hooks.emit("steward:message", { from: "customer", text, id });
    this.#showSuggestions();
    return true;
  }

  get #who() {
    return /** @type {import("./identity.js").Identity} */ (this.#identity);
  }

  #clear() {
    this.#transcript.clear();
    this.#holder.clear();
    this.#ended = false;
    this.#held = null;
    this.#ui.composer.hidden = false;
    this.#ui.card.hidden = true;
    this.unread.clear();
    this.#composer.notice(null);
    this.#ui.confirm.hidden = true;
  }

  #showUnsent() {
    for (const { id, text, files } of this.#outbox?.items ?? []) this.#transcript.customer({ id, text, files, state: "queued" });
    this.#showSuggestions();
  }

  /** @returns {import("./types").Handlers} */
  #handlers() {
    return {
      state: (name, { delayMs }) => {
        if (name === "online") this.#tell();
        else {
          this.#transcript.interrupt();
          this.#transcript.queueUndelivered();
        }
        this.#presence.state(name, delayMs);
      },
      frame: (frame) => this.#frame(frame),
      sending: (id) => this.#transcript.setState(id, "sending"),
      delivered: (id, seq, kept) => {
        this.#transcript.setState(id, "delivered", { seq, kept });
        if (!this.#holder.withPerson && this.#transcript.awaitsReplyTo(seq)) this.#transcript.typing(true, WAITING_DOTS_MS);
      },
      limited: (ms, text) => {
        this.#transcript.queueUndelivered();
        this.#composer.countdown(`${sentence(text || t("fast"))} ${t("soon")}`, ms);
      },
      refused: (id, code, text) => {
        const reason = code?.includes("too_long") ? t("tooLong") : text || t("refused");
        this.#transcript.setState(id, "refused", { reason: sentence(reason) });
        this.#announce(t("notSent"));
        if (code === "conversation_closed") this.#end();
      },
      notice: (_code, text) => {
        this.#transcript.typing(false);
        this.problem(sentence(text || t("wrong")));
      },
      read: () => this.unread.clear(),
      moved: () => this.begin(this.#who),
      reset: () => {
        this.#clear();
        this.#showUnsent();
      },
      tokenExpired: () => this.#hooks.emit("steward:token-expired", {}),
    };
  }

  #frame(/** @type {import("./types").Frame} */ frame) {
    const { type, id, text, seq, from, decision, citations, files } = frame;
    if (type === "message") {
      if (this.#transcript.hasCustomer(id)) return;
      this.#transcript.customer({ id, text, seq, files, state: "delivered" });
      this.#hooks.emit("steward:message", { from: "customer", text, seq });
    } else if (type === "delta") this.#transcript.delta(frame);
    else if (type === "event") this.#event(frame);
    else {
      this.#transcript.reply(frame);
      if (decision === "hand_off") this.#holder.inLine();
      if (this.#isNew(seq)) this.#announce(`${from === "agent" ? frame.name ?? this.#holder.personName : t("assistant")}: ${text}`);
      this.#hooks.emit("steward:message", { from, text, seq, decision, citations });
    }
    const isNews = type === "reply" || frame.event === "agent_joined";
    if (isNews && this.#isNew(seq) && (document.hidden || !this.#hooks.isOpen())) this.unread.add();
    if (type !== "delta") this.seen();
    this.#showSuggestions();
  }

  #event(/** @type {import("./types").Frame} */ frame) {
    const { event, seq } = frame;
    if (event === "typing" || event === "agent_typing") this.#transcript.typing(true, TYPING_DOTS_MS);
    else if (event === "busy") this.#putOff(frame.retry_after_ms ?? 0);
    else if (event === "read") this.#transcript.readTo(seq);
    else if (event === "closed") {
      this.#transcript.status(t("ended"), "closed", seq);
      this.#end();
    } else this.#holder.event(frame);
  }

  /** Others are answered first. @param {number} forMs */
  #putOff(forMs) {
    this.#transcript.typing(false);
    this.#composer.countdown(t("busy"), forMs, false);
  }

  /** What is written from here on begins a new conversation. */
  #end() {
    this.#ended = true;
    this.#transcript.dropUnfinished();
    this.#holder.hide();
    this.#ui["confirm-text"].textContent = t("anythingElse");
    this.#ui["confirm-no"].hidden = true;
    this.#ui.confirm.hidden = false;
    this.#survey();
  }

  #listen() {
    const ui = this.#ui;
    ui.save.addEventListener("click", () => this.#download());
    ui.person.addEventListener("click", () => this.send(t("askPerson")));
    ui.again.addEventListener("click", () => {
      ui["confirm-text"].textContent = t("confirm");
      ui["confirm-no"].hidden = false;
      ui.confirm.hidden = false;
      ui["confirm-yes"].focus();
    });
    ui["confirm-no"].addEventListener("click", () => {
      ui.confirm.hidden = true;
      ui.again.focus();
    });
    ui["confirm-yes"].addEventListener("click", () => {
      const left = this.#transcript.hasReplies ? this.conversation : null;
      this.#socket?.startNewConversation();
      this.#composer.focus();
      this.#survey(left);
    });
    ui.attach.addEventListener("click", () => ui.picker.click());
    ui.picker.addEventListener("change", () => {
      this.#attach(ui.picker.files);
      ui.picker.value = "";
    });
    ui.text.addEventListener("paste", ({ clipboardData }) => this.#attach(clipboardData?.files));
    for (const name of /** @type {const} */ (["dragover", "dragleave", "drop"])) {
      ui.panel.addEventListener(name, (event) => {
        if (ui.attach.hidden || !event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        ui.drop.hidden = name !== "dragover";
        if (name === "drop") this.#attach(event.dataTransfer.files);
      });
    }
  }

  /** True where a question of ours is to be answered with Escape before the chat itself closes. */
  dismiss() {
    if (this.#ui.confirm.hidden || this.#ended) return false;
    this.#ui["confirm-no"].click();
    return true;
  }

  async #attach(/** @type {FileList|undefined|null} */ list) {
    const files = [...(list ?? [])]; // the list is emptied with its field
    const limits = this.#settings.files;
    if (files.length === 0 || !limits?.enabled) return;
    if (this.#ended) this.#socket?.startNewConversation();
    const { Uploads } = await import("./uploads.js");
    this.#uploads ??= new Uploads({
      list: this.#ui.uploads,
      limits,
      identity: this.#who,
      conversation: async () => this.#socket?.whenReady() ?? "",
      announce: (text) => this.#announce(text),
      changed: (state) => {
        this.#composer.files = state;
        this.#composer.measure();
      },
    });
    this.#uploads.add(files);
    this.#composer.focus();
  }

  async #download() {
    try {
      const response = await this.#who.ask(`${this.#path}/transcript?format=text`);
      save(await response.blob(), `conversation-${this.conversation}.txt`);
    } catch {
      this.problem(t("saveFailed"));
    }
  }

  get #path() {
    return `/v1/conversations/${encodeURIComponent(this.conversation ?? "")}`;
  }

  /** Once for each conversation that has ended or was left. */
  async #survey(conversation = this.conversation) {
    const who = this.#who;
    if (this.#settings.survey === false || conversation === null || who.recall("rated") === conversation) return;
    who.remember("rated", conversation);
    const { showSurvey } = await import("./survey.js");
    showSurvey(this.#ui.card, (answer) => put(who, "POST", `/v1/conversations/${encodeURIComponent(conversation)}/survey`, answer));
  }

  /** The form before the chat, where the company wants one and this visitor has not seen it. */
  async #askFirst() {
    const { pre_chat: wish = "off" } = this.#settings;
    const who = this.#who;
    if (wish === "off" || this.#held !== null || !who.isVisitor || who.recall("said") || this.#socket?.hasHistory) return;
    this.#held = "";
    this.#ui.composer.hidden = true;
    const { showPreChat } = await import("./prechat.js");
    showPreChat(this.#ui.card, wish === "required", (said) => {
      who.remember("said", said);
      this.#ui.composer.hidden = false;
      this.#tell();
      const held = this.#held;
      this.#held = null;
      if (held) this.send(held);
      this.#composer.focus();
    });
  }

  /** Attributes belong to a conversation: they wait for one, and are told once. */
  async #tell() {
    const conversation = this.conversation;
    const attributes = { ...this.#attributes, ...this.#who.recall("said") };
    const telling = JSON.stringify([conversation, attributes]);
    if (!conversation || Object.keys(attributes).length === 0 || telling === this.#toldAttributes) return;
    this.#toldAttributes = telling;
    await put(this.#who, "PUT", `${this.#path}/attributes`, attributes).catch(() => {}); // an older server takes none
  }

  #showSuggestions() {
    const { suggestions, list, again, save: saving } = this.#ui;
    const empty = list.childElementCount === 0;
    again.disabled = empty;
    saving.hidden = empty;
    suggestions.hidden = !empty;
    if (!empty) return;
    const items = this.#suggestions.map((question) => {
      const item = element("li");
      const pick = button("", question, () => {
        this.send(question);
        if (this.#held === null) this.#composer.focus();
      });
      item.append(pick);
      return item;
    });
    suggestions.replaceChildren(...items);
  }

  #isNew(/** @type {number} */ seq) {
    return seq > (this.#socket?.read ?? 0);
  }

  /** Read out once and whole; the visible text grows letter by letter, which no one wants to hear. */
  #announce(/** @type {string} */ text) {
    if (this.#hooks.isOpen()) this.#ui.announcer.textContent = text;
  }
}

/** @param {import("./identity.js").Identity} who  @param {string} method  @param {string} path  @param {object} body */
function put(who, method, path, body) {
  return who.ask(path, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

/** The server's errors are lowercase and without a full stop; a customer reads sentences. @param {string} text */
function sentence(text) {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…。؟]$/.test(capital) ? capital : `${capital}.`;
}
