/**
 * An agent's socket to one conversation (docs/protocol.md): connects with a token for this hello alone, resumes after every end.
 *
 * Calls `handlers`: `frame(frame)` for whatever comes, each stored one once; `state("connecting"|"online"|"waiting")`;
 * `after()` gives the highest number that is known, from which it goes on; `gone(message)` when the conversation is no more.
 */

import { ApiError } from "../api.js";
import { session } from "../session.js";

const PROTOCOL = "steward.v1";
const FIRST_RETRY_MS = 400;
const LONGEST_RETRY_MS = 15_000;
const HELLO_MS = 12_000;

/** @typedef {{frame: (frame: any) => void, state: (state: "connecting"|"online"|"waiting") => void, after: () => number, gone: (message: string) => void}} Handlers */

export class AgentSocket {
  #conversation;
  #handlers;
  /** @type {WebSocket|null} */
  #ws = null;
  #attempt = 0;
  #failures = 0;
  #timer = 0;
  #isReady = false;
  #isEnded = false;
  #seen = new Set();
  #listening = new AbortController();

  /** @param {string} conversation @param {Handlers} handlers */
  constructor(conversation, handlers) {
    this.#conversation = conversation;
    this.#handlers = handlers;
    const { signal } = this.#listening;
    window.addEventListener("online", () => this.#wake(), { signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#wake(), { signal });
    void this.#connect();
  }

  get isReady() {
    return this.#isReady;
  }

  /** @param {object} frame @returns {boolean} false if there is no line now */
  send(frame) {
    if (!this.#isReady || this.#ws === null) return false;
    this.#ws.send(JSON.stringify(frame));
    return true;
  }

  end() {
    this.#isEnded = true;
    this.#listening.abort();
    this.#drop();
  }

  #drop() {
    this.#attempt += 1;
    this.#isReady = false;
    clearTimeout(this.#timer);
    this.#ws?.close();
    this.#ws = null;
  }

  #wake() {
    if (this.#isEnded || this.#isReady) return;
    this.#failures = 0;
    void this.#connect();
  }

  async #connect() {
    this.#drop();
    if (this.#isEnded) return;
    const attempt = this.#attempt;
    this.#handlers.state("connecting");
    let token;
    try {
      token = await session.socketToken();
    } catch (problem) {
      if (attempt !== this.#attempt) return;
      if (problem instanceof ApiError && problem.status === 401) this.end();
      else this.#again();
      return;
    }
    if (attempt !== this.#attempt) return;
    const url = new URL("/v1/chat", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const ws = new WebSocket(url, PROTOCOL);
    this.#ws = ws;
    this.#timer = window.setTimeout(() => attempt === this.#attempt && this.#again(), HELLO_MS);
    ws.onopen = () => ws.send(JSON.stringify({ type: "hello", token, conversation: this.#conversation, after: this.#handlers.after() }));
    ws.onmessage = ({ data }) => attempt === this.#attempt && this.#receive(String(data));
    ws.onclose = ({ code }) => attempt === this.#attempt && this.#closed(code);
  }

  /** @param {string} data */
  #receive(data) {
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    if (frame.type === "ready") {
      clearTimeout(this.#timer);
      this.#isReady = true;
      this.#failures = 0;
      this.#handlers.state("online");
      this.#handlers.frame(frame);
      return;
    }
    const isStored = frame.type === "message" || frame.type === "reply" || (frame.type === "event" && !["typing", "agent_typing", "read"].includes(frame.event));
    if (isStored) {
      if (this.#seen.has(frame.seq)) return;
      this.#seen.add(frame.seq);
    }
    this.#handlers.frame(frame);
  }

  /** @param {number} code */
  #closed(code) {
    if (code === 4404) {
      this.end();
      this.#handlers.gone("There is no such conversation, or it was erased.");
      return;
    }
    this.#again();
  }

  #again() {
    this.#drop();
    if (this.#isEnded) return;
    this.#handlers.state("waiting");
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    this.#failures += 1;
    this.#timer = window.setTimeout(() => void this.#connect(), wait);
  }
}
