/**
 * /desk/sign-in: name and password. After too many failures it says how long to wait, and counts down.
 */

import { StElement, css, define, h, icon } from "/design/index.js";
import { ApiError } from "../api.js";
import { session } from "../session.js";

const styles = css`
:host { display: grid; place-items: center; block-size: 100%; padding: 20px; overflow: auto; }
form { display: grid; gap: 16px; inline-size: min(380px, 100%); padding: 32px; border: 1px solid var(--st-line); border-radius: var(--st-radius-l); background: var(--st-surface); box-shadow: var(--st-shadow); }
.brand { display: flex; align-items: center; gap: 10px; color: var(--st-accent-text); font-weight: 650; }
.brand .mark { display: grid; place-items: center; inline-size: 38px; block-size: 38px; border-radius: 11px; background: var(--st-accent); color: var(--st-on-accent); }
.problem { display: flex; gap: 9px; align-items: start; padding: 10px 12px; border-radius: var(--st-radius); background: var(--st-bad-soft); color: var(--st-bad-text); }
.problem svg { margin-block-start: 1px; }
.help { color: var(--st-quiet); font-size: var(--st-text-s); }
`;

export default class SignIn extends StElement {
  static styles = [styles];

  #name = h("st-field", { label: "Name", name: "name", autocomplete: "username", required: true, spellcheck: "false" });
  #password = h("st-field", { label: "Password", name: "password", type: "password", autocomplete: "current-password", required: true });
  #button = h("st-button", { variant: "primary", type: "submit" }, "Sign in");
  #problem = h("div", { role: "alert" });
  #waitUntil = 0;
  #timer = 0;

  constructor() {
    super();
    const form = h("form", { novalidate: true, onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void this.#submit(); } },
      h("div", { class: "brand" }, h("span", { class: "mark" }, icon("steward", 24)), "Steward desk"),
      h("h1", null, "Sign in"), this.#problem, this.#name, this.#password, this.#button,
      h("p", { class: "help" }, "Forgot the password? Somebody with the role admin can give you a new one."));
    this.root.append(form);
  }

  connected() {
    setTimeout(() => this.#name.focus());
  }

  disconnected() {
    clearTimeout(this.#timer);
  }

  async #submit() {
    if (this.#button.busy || Date.now() < this.#waitUntil) return;
    this.#name.error = this.#name.value.trim() === "" ? "Write your name" : "";
    this.#password.error = this.#password.value === "" ? "Write your password" : "";
    if (this.#name.error || this.#password.error) {
      (this.#name.error ? this.#name : this.#password).focus();
      return;
    }
    this.#say(null);
    this.#button.busy = true;
    try {
      await session.signIn(this.#name.value.trim(), this.#password.value);
    } catch (problem) {
      this.#fail(problem);
    } finally {
      this.#button.busy = false;
    }
  }

  /** @param {unknown} problem */
  #fail(problem) {
    if (problem instanceof ApiError && problem.status === 429) {
      this.#waitUntil = Date.now() + (problem.retryAfterMs ?? 5000);
      this.#countDown();
      return;
    }
    if (problem instanceof ApiError && problem.status === 401) {
      this.#say("The name or the password is not right.");
      this.#password.value = "";
      this.#password.focus();
      return;
    }
    this.#say(problem instanceof Error ? problem.message : String(problem));
  }

  #countDown() {
    clearTimeout(this.#timer);
    const left = Math.ceil((this.#waitUntil - Date.now()) / 1000);
    this.#button.disabled = left > 0;
    if (left <= 0) {
      this.#say(null);
      this.#password.focus();
      return;
    }
    const wait = left > 90 ? `${Math.ceil(left / 60)} minutes` : `${left} second${left === 1 ? "" : "s"}`;
    this.#say(`Too many failed sign-ins. You can try again in ${wait}.`);
    this.#timer = window.setTimeout(() => this.#countDown(), 1000);
  }

  /** @param {string|null} text */
  #say(text) {
    const shown = this.#problem.querySelector(".words");
    if (text !== null && shown) shown.textContent = text; // a count that goes down is not said every second
    else this.#problem.replaceChildren(...(text === null ? [] : [h("div", { class: "problem" }, icon("warn", 18), h("span", { class: "words" }, text))]));
  }
}

define("desk-sign-in", SignIn);
