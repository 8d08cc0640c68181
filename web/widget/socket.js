/**
 * The chat socket, `GET {base}/v1/chat`, subprotocol `steward.v1`: connects, resumes, sends, and never doubles.
 *
 * In: an identity, an outbox, and handlers. Out: calls to the handlers, each frame at most once.
 *   state(name, detail)     connecting | online | waiting {delayMs} | offline | signed_out
 *   frame(frame)            message | delta | reply | event, in the order received
 *   delivered(id, seq, kept) the server has message `id` on disk; `kept`: in these words, null for those sent
 *   sending(id)             message `id` is on the wire
 *   limited(ms, text)       the server wants us to wait; the message stays queued and goes out by itself
 *   refused(id, code, text) the server will not take message `id`
 *   notice(code, text)      an error that belongs to no message
 *   read()                  the person has read on, here or in another tab
 *   moved()                 another tab has begun another conversation
 *   reset()                 the conversation begins anew; only what is unsent remains
 *   tokenExpired()          the page's token is no longer good
 * Knows nothing of the page.
 */

import { watchForWaking } from "./wake.js";

const PROTOCOL = "steward.v1";
const HELLO_TIMEOUT_MS = 10_000;
const ACK_TIMEOUT_MS = 15_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const STABLE_AFTER_MS = 5_000;
const TYPING_EVERY_MS = 2_000;
const TOKEN_ERRORS = new Set(["token_refused", "token_expired", "bad_token", "expired_token"]);
/** Events of the moment: they are not stored, so their numbers say nothing about what we have. */
const PASSING = new Set(["typing", "busy", "agent_typing", "read"]);

export class ChatSocket {
  #baseUrl;
  #identity;
  #outbox;
  #handlers;
  /** @type {{conversation: string|null, read: number}} which conversation, and up to where it was read */
  #session;
  /** @type {WebSocket|null} */
  #ws = null;
  #attempt = 0; // grows with each try; whatever an older try still brings is ignored
  #failures = 0;
  #readyAt = 0;
  #online = false;
  #stopped = true;
  #tokenRenewed = false;
  #seen = new Set();
  /** @type {number|null} */
  #after = null;
  /** @type {string|null} */
  #inFlight = null; // one message at a time, so that an error frame without an id has an owner
  #holdUntil = 0;
  #retryTimer = 0;
  #deadlineTimer = 0;
  #holdTimer = 0;
  #lastTyping = 0;
  #isPlain = false; // the server is older: it knows neither typing nor reading
  /** @type {AbortController|null} */
  #listeners = null;
  /** @type {((conversation: string) => void)[]} */
  #waiting = [];

  /** @param {{identity: import("./identity.js").Identity, outbox: import("./outbox.js").Outbox, handlers: import("./types").Handlers}} parts */
  constructor({ identity, outbox, handlers }) {
    this.#baseUrl = identity.baseUrl;
    this.#identity = identity;
    this.#outbox = outbox;
    this.#handlers = handlers;
    this.#session = this.#remembered();
  }

  #remembered() {
    const { conversation = null, read = 0 } = this.#identity.recall("session") ?? {};
    return { conversation, read };
  }

  /** True where an earlier visit left a conversation or unsent words. */
  get hasHistory() {
    return this.#session.conversation !== null || this.#outbox.items.length > 0;
  }

  /** @param {string} id */
  isSending(id) {
    return this.#inFlight === id;
  }

  get conversation() {
    return this.#session.conversation;
  }

  /** The last sequence number that the person has looked at. */
  get read() {
    return this.#session.read;
  }

  markRead() {
    if (this.#after === null || this.#after <= this.#session.read) return;
    this.#session.read = this.#after;
    this.#identity.remember("session", this.#session);
    this.#say({ type: "read", seq: this.#after });
    this.#handlers.read();
  }

  /** The customer writes. */
  typing() {
    if (Date.now() - this.#lastTyping < TYPING_EVERY_MS) return;
    this.#lastTyping = Date.now();
    this.#say({ type: "typing" });
  }

  /** The conversation, once there is one: files and attributes belong to it. @returns {Promise<string>} */
  async whenReady() {
    this.start();
    if (this.#online && this.#session.conversation) return this.#session.conversation;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** What need not be said twice, nor by all means. @param {object} frame */
  #say(frame) {
    if (this.#online && !this.#isPlain) this.#ws?.send(JSON.stringify(frame));
  }

  start() {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    addEventListener("offline", () => this.#lost(), { signal });
    // After a sleep the socket may look open and be dead: a fresh one resumes for little.
    watchForWaking((slept) => (slept ? this.#connect() : this.retryNow()), signal);
    this.#identity.whenChanged("session", () => this.#otherTab(), signal);
    this.#connect();
  }

  stop() {
    this.#stopped = true;
    this.#listeners?.abort();
    this.#drop();
  }

  #otherTab() {
    const { conversation, read } = this.#remembered();
    if (conversation !== this.#session.conversation) {
      if (conversation !== null) this.#handlers.moved();
    } else if (read > this.#session.read) {
      this.#session.read = read;
      this.#handlers.read();
    }
  }

  /** Queue a text; it is kept until acknowledged. @param {string} text  @param {import("./types").FileRef[]} files */
  send(text, files = []) {
    const item = this.#outbox.add(text, files);
    this.start();
    this.#flush();
    return item;
  }

  retryNow() {
    if (this.#stopped || this.#online) return;
    this.#failures = 0;
    this.#connect();
  }

  startNewConversation() {
    this.#outbox.clear();
    this.#forgetConversation();
    this.#failures = 0;
    if (this.#stopped) this.start();
    else this.#connect();
  }

  async #connect() {
    this.#drop();
    const attempt = this.#attempt;
    if (!navigator.onLine) {
      this.#handlers.state("offline", {});
      return;
    }
    this.#handlers.state("connecting", {});
    let token;
    try {
      token = await this.#identity.token();
    } catch {
      if (attempt === this.#attempt) this.#lost();
      return;
    }
    if (attempt !== this.#attempt) return;

    const ws = new WebSocket(socketAddress(this.#baseUrl), PROTOCOL);
    this.#ws = ws;
    this.#deadline(HELLO_TIMEOUT_MS);
    ws.addEventListener("open", () => {
      const { conversation } = this.#session;
      // A fresh page shows nothing yet, so it asks for the conversation from its beginning.
      const after = conversation === null ? null : this.#after ?? 0;
      ws.send(JSON.stringify({ type: "hello", token, conversation, after }));
    });
    ws.addEventListener("message", (event) => {
      if (attempt === this.#attempt) this.#receive(event.data);
    });
    ws.addEventListener("close", () => {
      if (attempt === this.#attempt) this.#lost();
    });
  }

  /** @param {string} data */
  #receive(data) {
    /** @type {import("./types").Frame} */
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    switch (frame?.type) {
      case "ready":
        this.#ready(frame);
        break;
      case "ack":
        this.#acknowledged(frame.id, frame.seq, frame.text);
        break;
      case "error":
        this.#refuse(frame);
        break;
      case "delta":
        this.#handlers.frame(frame);
        break;
      case "message":
      case "reply":
      case "event":
        this.#deliver(frame);
        break;
      default: // A newer server may say more than we understand.
    }
  }

  #ready(/** @type {import("./types").Frame} */ frame) {
    clearTimeout(this.#deadlineTimer);
    if (this.#session.conversation !== null && this.#session.conversation !== frame.conversation) {
      this.#forgetConversation();
    }
    if (Number.isInteger(frame.after) && frame.after < (this.#after ?? 0)) {
      // The server was restored from a backup: what it does not know of is no more.
      this.#seen.clear();
      this.#after = frame.after;
      this.#handlers.reset();
    }
    this.#session.conversation = frame.conversation;
    this.#identity.remember("session", this.#session);
    this.#online = true;
    this.#readyAt = Date.now();
    this.#tokenRenewed = false;
    this.#handlers.state("online", { seq: frame.seq });
    for (const resolve of this.#waiting.splice(0)) resolve(frame.conversation);
    this.#flush();
  }

  #deliver(/** @type {import("./types").Frame} */ frame) {
    if (Number.isInteger(frame.seq) && !PASSING.has(frame.event)) {
      if (this.#seen.has(frame.seq)) return;
      this.#seen.add(frame.seq);
      // Acks do not count here: one may overtake a reply with a lower number, which a resume must still bring.
      this.#after = Math.max(this.#after ?? 0, frame.seq);
    }
    if (frame.type === "message" && this.#outbox.has(frame.id)) {
      this.#acknowledged(frame.id, frame.seq, frame.text);
      return;
    }
    this.#handlers.frame(frame);
  }

  /** @param {string} id  @param {number} seq  @param {string|undefined} kept */
  #acknowledged(id, seq, kept) {
    this.#outbox.remove(id);
    if (this.#inFlight === id) {
      this.#inFlight = null;
      clearTimeout(this.#deadlineTimer);
    }
    this.#handlers.delivered(id, seq, kept ?? null);
    this.#flush();
  }

  #refuse(/** @type {import("./types").Frame} */ frame) {
    if (frame.code === "unknown_type") {
      this.#isPlain = true; // said once: a server counts what it does not understand
      return;
    }
    if (TOKEN_ERRORS.has(frame.code)) {
      this.#tokenRefused();
      return;
    }
    if (frame.code === "unknown_conversation" && this.#session.conversation !== null) {
      this.#forgetConversation();
      this.#connect();
      return;
    }
    const id = frame.id ?? this.#inFlight;
    const { retry_after_ms: wait } = frame;
    if (typeof wait === "number") {
      this.#holdUntil = Date.now() + Math.max(0, wait);
      this.#settle(id);
      this.#handlers.limited(wait, frame.message);
      this.#flush();
      return;
    }
    if (id === null) {
      this.#handlers.notice(frame.code, frame.message);
      return;
    }
    this.#outbox.remove(id);
    this.#settle(id);
    this.#handlers.refused(id, frame.code, frame.message);
    this.#flush();
  }

  #settle(/** @type {string|null} */ id) {
    if (this.#inFlight === null || this.#inFlight !== id) return;
    this.#inFlight = null;
    clearTimeout(this.#deadlineTimer);
  }

  #tokenRefused() {
    if (!this.#identity.isVisitor) {
      this.stop();
      this.#handlers.state("signed_out", {});
      this.#handlers.tokenExpired();
      return;
    }
    if (this.#tokenRenewed) {
      this.#lost();
      return;
    }
    this.#tokenRenewed = true;
    this.#identity.forgetToken();
    // A new token is a new visitor, to whom the old conversation does not belong.
    this.#forgetConversation();
    this.#connect();
  }

  #flush() {
    if (!this.#online || this.#inFlight !== null) return;
    const item = this.#outbox.items[0];
    if (!item) return;
    clearTimeout(this.#holdTimer);
    const hold = this.#holdUntil - Date.now();
    if (hold > 0) {
      this.#holdTimer = setTimeout(() => this.#flush(), hold);
      return;
    }
    this.#inFlight = item.id;
    const files = item.files?.map(({ id }) => id);
    this.#ws?.send(JSON.stringify({ type: "message", id: item.id, text: item.text, files }));
    this.#deadline(ACK_TIMEOUT_MS);
    this.#handlers.sending(item.id);
  }

  /** No answer in time means that the line is dead, though the browser may not know it for minutes. */
  #deadline(/** @type {number} */ ms) {
    clearTimeout(this.#deadlineTimer);
    this.#deadlineTimer = setTimeout(() => this.#lost(), ms);
  }

  #lost() {
    if (this.#stopped) return;
    if (this.#online && Date.now() - this.#readyAt > STABLE_AFTER_MS) this.#failures = 0;
    this.#drop();
    if (!navigator.onLine) {
      this.#handlers.state("offline", {});
      return;
    }
    const ceiling = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    // Jitter, so that a restarted server is not met by everybody in the same instant.
    const jittered = ceiling * (0.5 + Math.random() / 2);
    const delayMs = Math.max(jittered, this.#holdUntil - Date.now());
    this.#failures += 1;
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs);
    this.#handlers.state("waiting", { delayMs });
  }

  #drop() {
    this.#attempt += 1;
    this.#online = false;
    this.#inFlight = null;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#deadlineTimer);
    clearTimeout(this.#holdTimer);
    this.#ws?.close();
    this.#ws = null;
  }

  #forgetConversation() {
    this.#session = { conversation: null, read: 0 };
    this.#identity.remember("session", null);
    this.#seen.clear();
    this.#after = null;
    this.#handlers.reset();
  }
}

function socketAddress(/** @type {string} */ baseUrl) {
  const url = new URL(`${baseUrl}/v1/chat`);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
