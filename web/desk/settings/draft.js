/**
 * The settings and what somebody is about to change of them: one draft for a page, kept until it is saved or another takes its place.
 *
 * The server says of each setting what it is, where it comes from and what is allowed; nothing here knows a setting by name.
 */

/**
 * @typedef {object} Setting
 * @property {string} key
 * @property {any} value what is in force
 * @property {any} default
 * @property {"number" | "text" | "choice" | "list" | "bool" | "table"} kind
 * @property {string[]} [choices]
 * @property {number} [min]
 * @property {number} [max]
 * @property {string} about
 * @property {"default" | "file" | "desk" | "environment"} source
 */

export class Draft extends EventTarget {
  /** @type {Map<string, Setting>} */
  #settings;
  /** @type {Map<string, any>} null: back to what it is without the desk */
  #changes = new Map();
  /** @type {{ key: string | null, message: string } | null} */
  fault = null;

  /** @param {Setting[]} settings */
  constructor(settings) {
    super();
    this.#settings = new Map(settings.map((setting) => [setting.key, setting]));
  }

  get all() {
    return [...this.#settings.values()];
  }

  /** @param {string} key */
  setting(key) {
    return this.#settings.get(key) ?? null;
  }

  /**
   * What a setting would be.
   * @param {string} key
   */
  value(key) {
    const setting = this.#settings.get(key);
    if (!this.#changes.has(key)) return setting?.value;
    return this.#changes.get(key) ?? setting?.default;
  }

  /**
   * @param {string} key
   * @param {any} value null for what it is without the desk
   */
  set(key, value) {
    const setting = this.#settings.get(key);
    if (setting === undefined) return;
    const isAsBefore = value === null ? setting.source !== "desk" : same(value, setting.value);
    if (isAsBefore) this.#changes.delete(key);
    else this.#changes.set(key, value);
    if (this.fault?.key === key) this.fault = null;
    this.#tell();
  }

  /** @param {string} key */
  isChanged(key) {
    return this.#changes.has(key);
  }

  get count() {
    return this.#changes.size;
  }

  /** What the server is asked to change. */
  get changes() {
    return Object.fromEntries(this.#changes);
  }

  /**
   * The server refused: the message stands at the setting that it names.
   * @param {string} message
   */
  refuse(message) {
    const named = [...this.#changes.keys()].filter((key) => message.includes(key)).sort((one, other) => other.length - one.length);
    this.fault = { key: named[0] ?? null, message };
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * @param {unknown} one
 * @param {unknown} other
 */
function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
