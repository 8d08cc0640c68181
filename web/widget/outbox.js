/**
 * Messages written but not yet acknowledged, kept in this browser until the server says it has them.
 *
 * Each carries an id made here, once; the server stores an id once, so sending again is always safe. Every change
 * re-reads the stored list, because another tab of the same person may have changed it.
 */

const KEPT_FOR_MS = 24 * 60 * 60 * 1000;

export class Outbox {
  #identity;
  /** @type {import("./types").Item[]} */
  #items;

  /** @param {import("./identity.js").Identity} identity */
  constructor(identity) {
    this.#identity = identity;
    this.#items = this.#stored();
  }

  /** Oldest first. */
  get items() {
    return this.#items;
  }

  /** @param {string} id */
  has(id) {
    return this.#items.some((item) => item.id === id);
  }

  /** @param {string} text  @param {import("./types").FileRef[]} files */
  add(text, files) {
    const item = { id: uuid(), text, at: Date.now(), ...(files.length > 0 && { files }) };
    this.#items = [...this.#items, item];
    this.#save([...this.#stored(), item]);
    return item;
  }

  /** @param {string} id */
  remove(id) {
    this.#items = this.#items.filter((item) => item.id !== id);
    this.#save(this.#stored().filter((item) => item.id !== id));
  }

  clear() {
    const mine = new Set(this.#items.map((item) => item.id));
    this.#items = [];
    this.#save(this.#stored().filter((item) => !mine.has(item.id)));
  }

  /** @returns {import("./types").Item[]} */
  #stored() {
    const stored = this.#identity.recall("outbox");
    if (!Array.isArray(stored)) return [];
    const oldest = Date.now() - KEPT_FOR_MS;
    return stored.filter((item) => typeof item?.id === "string" && typeof item.text === "string" && item.at > oldest);
  }

  /** @param {import("./types").Item[]} items */
  #save(items) {
    this.#identity.remember("outbox", items.length > 0 ? items : null);
  }
}

/** `crypto.randomUUID` exists only on secure origins; a shop on a plain local address needs ids too. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
