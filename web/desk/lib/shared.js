/**
 * What the whole desk shares and reads once: the canned replies, and who is of the team. Each list is read again when the server says so.
 */

import { get } from "../api.js";
import { live } from "./live.js";

/** @typedef {{id: string, shortcut: string, title: string, text: string}} Canned */
/** @typedef {{name: string, online: boolean, holding: number}} Member */

/** @template T */
class Shared extends EventTarget {
  /** @type {T[]} */
  list = [];
  #read;
  /** @type {Promise<void>|null} */
  #reading = null;

  /** @param {() => Promise<T[]>} read */
  constructor(read) {
    super();
    this.#read = read;
  }

  /** Reads the list, at most once at a time. */
  read() {
    this.#reading ??= this.#read().then((list) => this.set(list), () => {}).finally(() => (this.#reading = null));
    return this.#reading;
  }

  /** @param {T[]} list */
  set(list) {
    this.list = list;
    this.dispatchEvent(new Event("change"));
  }
}

/** @type {Shared<Canned>} */
export const canned = new Shared(async () => (await get("/v1/desk/canned")).canned);

/** @type {Shared<Member>} */
export const members = new Shared(async () => {
  const team = await get("/v1/desk/team");
  return team.members.map((/** @type {any} */ member) => ({ name: member.name, online: member.online, holding: Array.isArray(member.holding) ? member.holding.length : member.holding }));
});

const forever = new AbortController().signal;
live.on("changed", ({ what }) => what === "canned" && void canned.read(), forever);
live.on("team", (event) => {
  const known = new Map(members.list.map((member) => [member.name, member]));
  for (const member of event.members) known.set(member.name, member);
  members.set([...known.values()]);
}, forever);
live.on("state", (state) => {
  if (state !== "open") return;
  void canned.read();
  void members.read();
}, forever);
