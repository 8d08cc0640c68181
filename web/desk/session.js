/**
 * Who is signed in. `session.now` is `{name, role}` or null; fires `change` on it.
 */

import { get, onSignedOut, post, useCsrf } from "./api.js";

/** @typedef {{name: string, role: "agent"|"admin"}} Person */

class Session extends EventTarget {
  /** @type {Person|null} */
  now = null;

  constructor() {
    super();
    onSignedOut(() => this.#become(null));
  }

  get isAdmin() {
    return this.now?.role === "admin";
  }

  get name() {
    return this.now?.name ?? "";
  }

  /** Takes up the session that the cookie stands for; null where there is none. Throws where the server cannot be asked. */
  async resume() {
    try {
      this.#take(await get("/v1/team/session", {}, { quiet401: true }));
    } catch (problem) {
      if (!(problem instanceof Error) || Reflect.get(problem, "status") !== 401) throw problem;
      this.#become(null);
    }
    return this.now;
  }

  /** @param {string} name @param {string} password */
  async signIn(name, password) {
    this.#take(await post("/v1/team/sign-in", { name, password }, { quiet401: true }));
  }

  async signOut() {
    await post("/v1/team/sign-out");
    this.#become(null);
  }

  /** A token for the hello of one socket. @returns {Promise<string>} */
  async socketToken() {
    return (await post("/v1/team/socket-token")).token;
  }

  /** @param {any} body */
  #take(body) {
    useCsrf(body.csrf_token);
    this.#become({ name: body.name, role: body.role });
  }

  /** @param {Person|null} person */
  #become(person) {
    const isSame = person?.name === this.now?.name && person?.role === this.now?.role;
    this.now = person;
    if (!isSame) this.dispatchEvent(new Event("change"));
  }
}

export const session = new Session();
