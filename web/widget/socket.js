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
 *   reset()                 the conversation begins anew; only what is unsent remains
 *   tokenExpired()          the page's token is no longer good
 * Knows nothing of the page.
 */

const PROTOCOL = "steward.v1";
const HELLO_TIMEOUT_MS = 10_000;
const ACK_TIMEOUT_MS = 15_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const STABLE_AFTER_MS = 5_000;
const TOKEN_ERRORS = new Set(["token_refused", "token_expired", "bad_token", "expired_token"]);

export class ChatSocket {
  #baseUrl;
  #identity;
  #outbox;
  #handlers;
  #session; // {conversation, read}: which conversation, and up to where it was read
  #ws = null;
  #attempt = 0; // grows with each try; whatever an older try still brings is ignored
  #failures = 0;
  #readyAt = 0;
  #online = false;
  #stopped = true;
  #tokenRenewed = false;
  #seen = new Set();
  #after = null;
  #inFlight = null; // one message at a time, so that an error frame without an id has an owner
  #holdUntil = 0;
  #retryTimer = 0;
  #deadlineTimer = 0;
  #holdTimer = 0;
  #listeners = null;

  constructor({ baseUrl, identity, outbox, handlers }) {
    this.#baseUrl = baseUrl;
    this.#identity = identity;
    this.#outbox = outbox;
    this.#handlers = handlers;
    const session = identity.recall("session");
    this.#session = { conversation: session?.conversation ?? null, read: session?.read ?? 0 };
  }

  /** True where an earlier visit left a conversation or unsent words. */
  get hasHistory() {
    return this.#session.conversation !== null || this.#outbox.items.length > 0;
  }

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
  }

  start() {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    globalThis.addEventListener?.("online", () => this.retryNow(), { signal });
    globalThis.addEventListener?.("offline", () => this.#lost(), { signal });
    this.#connect();
  }

  stop() {
    this.#stopped = true;
    this.#listeners?.abort();
    this.#drop();
  }

  /** Queue a text; it is kept until acknowledged. Returns its `{id, text}`. */
  send(text) {
    const item = this.#outbox.add(text);
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
    if (globalThis.navigator?.onLine === false) {
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

  #receive(data) {
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

  #ready(frame) {
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
    this.#flush();
  }

  #deliver(frame) {
    // Typing is of the moment: it is not stored, so its number says nothing about what we have.
    const durable = Number.isInteger(frame.seq) && frame.event !== "typing";
    if (durable) {
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

  #acknowledged(id, seq, kept) {
    this.#outbox.remove(id);
    if (this.#inFlight === id) {
      this.#inFlight = null;
      clearTimeout(this.#deadlineTimer);
    }
    this.#handlers.delivered(id, seq, typeof kept === "string" ? kept : null);
    this.#flush();
  }

  #refuse(frame) {
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
    if (Number.isFinite(frame.retry_after_ms)) {
      this.#holdUntil = Date.now() + Math.max(0, frame.retry_after_ms);
      this.#settle(id);
      this.#handlers.limited(frame.retry_after_ms, frame.message);
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

  #settle(id) {
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
    this.#ws.send(JSON.stringify({ type: "message", id: item.id, text: item.text }));
    this.#deadline(ACK_TIMEOUT_MS);
    this.#handlers.sending(item.id);
  }

  /** No answer in time means that the line is dead, though the browser may not know it for minutes. */
  #deadline(ms) {
    clearTimeout(this.#deadlineTimer);
    this.#deadlineTimer = setTimeout(() => this.#lost(), ms);
  }

  #lost() {
    if (this.#stopped) return;
    if (this.#online && Date.now() - this.#readyAt > STABLE_AFTER_MS) this.#failures = 0;
    this.#drop();
    if (globalThis.navigator?.onLine === false) {
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

function socketAddress(baseUrl) {
  const url = new URL(`${baseUrl}/v1/chat`);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
