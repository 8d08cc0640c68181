/**
 * Who is chatting, and what this browser remembers of them.
 *
 * In: the server's address, and the token the page gave, if any. Out: a token to say hello with, and storage
 * that is kept apart for each person, so that signing in as someone else never shows or sends the other's words.
 * Knows nothing of sockets or the page.
 */

const VISITOR = "visitor";

/** JSON in localStorage. Private windows and full disks make it throw; then we live without it. */
const storage = {
  /** @param {string} key */
  read(key) {
    try {
      return JSON.parse(localStorage.getItem(key) ?? "null");
    } catch {
      return null;
    }
  },
  /** @param {string} key  @param {unknown} value  null: forget it */
  write(key, value) {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // Nothing to do: the conversation works, it is only forgotten when the page goes.
    }
  },
};

export class Identity {
  #baseUrl;
  #pageToken;
  #prefix;

  /** @param {string} baseUrl  @param {string|null} pageToken  null: an anonymous visitor */
  constructor(baseUrl, pageToken) {
    this.#baseUrl = baseUrl;
    this.#pageToken = pageToken || null;
    this.key = this.#pageToken ? personOf(this.#pageToken) : VISITOR;
    this.#prefix = `steward:${baseUrl}:${this.key}:`;
  }

  get isVisitor() {
    return this.#pageToken === null;
  }

  /** A token for the next hello. Throws where the server cannot be reached. */
  async token() {
    if (this.#pageToken) return this.#pageToken;
    const known = this.recall("token");
    if (known && Date.now() < this.recall("renew")) return known;
    try {
      return await this.#newToken(known);
    } catch (error) {
      // One that is growing old is still good; where the server refuses it, the chat says so and it is forgotten.
      if (known) return known;
      throw error;
    }
  }

  /** From the server: for this visitor if there is a token already, else for a new one. Renewed once half its time is over. */
  /** @param {string|null} known */
  async #newToken(known) {
    const headers = known ? { authorization: `Bearer ${known}` } : undefined;
    const response = await fetch(`${this.#baseUrl}/v1/visitors`, { method: "POST", headers });
    if (!response.ok) throw new Error(`no visitor token: status ${response.status}`);
    const { token, expires_in_seconds: seconds } = await response.json();
    if (typeof token !== "string") throw new Error("no visitor token: none in the answer");
    this.remember("token", token);
    this.remember("renew", Date.now() + seconds * 500);
    return token;
  }

  forgetToken() {
    this.remember("token", null);
  }

  /** Nothing of this person stays in this browser. */
  forget() {
    for (const name of ["token", "renew", "session", "outbox", "said"]) this.remember(name, null);
  }

  /** Ask the server as this person. @param {string} path  @param {RequestInit} request */
  async ask(path, request = {}) {
    const headers = { authorization: `Bearer ${await this.token()}`, ...request.headers };
    const response = await fetch(this.#baseUrl + path, { ...request, headers });
    if (!response.ok) throw new Error(`${path}: status ${response.status}`);
    return response;
  }

  get baseUrl() {
    return this.#baseUrl;
  }

  /** @param {string} name */
  recall(name) {
    return storage.read(this.#prefix + name);
  }

  /** @param {string} name  @param {unknown} value  null: forget it */
  remember(name, value) {
    storage.write(this.#prefix + name, value);
  }

  /** Another tab changed what is remembered. @param {string} name  @param {() => void} act  @param {AbortSignal} signal */
  whenChanged(name, act, signal) {
    addEventListener("storage", ({ key }) => key === this.#prefix + name && act(), { signal });
  }
}

/**
 * A storage key for the person a token speaks of. The payload is read without checking the signature: only the
 * server's word counts for access, this only keeps one person's drafts apart from another's in this browser.
 */
function personOf(/** @type {string} */ token) {
  try {
    const payload = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const claims = JSON.parse(atob(payload));
    const person = claims.external_id ?? claims.sub;
    if (person !== undefined && person !== null) return `person:${person}`;
  } catch {
    // Not a JWT: fall through.
  }
  return `token:${hash(token)}`;
}

/** FNV-1a, 32 bits: a short name that does not contain the token. */
function hash(/** @type {string} */ text) {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return (value >>> 0).toString(16);
}
