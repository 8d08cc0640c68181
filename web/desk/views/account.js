/** /desk/account: the password, this session, and how the desk behaves in this browser. */

import { css, define, fill, h, StElement, toast } from "/design/index.js";
import { get, post } from "../api.js";
import { prefer, preferences } from "../lib/preferences.js";
import { card, titled } from "../page/desk-page.js";
import { page } from "../page/sheet.js";
import { exactly } from "../page/times.js";
import { session } from "../session.js";

const styles = css`
form { display: grid; gap: 14px; max-inline-size: 380px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 8px 18px; }
dt { color: var(--st-quiet); }
dd { overflow-wrap: anywhere; }
.choices { display: grid; gap: 10px; max-inline-size: 560px; }
`;

const FEWEST_CHARS = 12;

export default class AccountView extends StElement {
  static styles = [page, styles];

  #old = h("st-field", { label: "Your password now", type: "password", name: "old", autocomplete: "current-password" });
  #new = h("st-field", { label: "New password", type: "password", name: "new", autocomplete: "new-password", hint: `At least ${FEWEST_CHARS} characters. Several words are easy to remember.` });
  #button = h("st-button", { type: "submit", variant: "primary" }, "Change the password");
  #until = h("dd", null, "…");
  #notify = h("st-field", { type: "switch", label: "Desktop notifications when a customer waits for a person", onchange: () => void this.#askNotify() });

  connected() {
    get("/v1/team/session").then(
      ({ ends_ms, idle_seconds }) => (this.#until.textContent = `${exactly(ends_ms)}, or after ${Math.round(idle_seconds / 60)} minutes without use`),
      () => (this.#until.textContent = "not known"),
    );
    window.addEventListener("desk-preferences", () => this.#showNotify(), { signal: this.signal });
  }

  render() {
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#change();
    };
    const { scheme, keys, sound } = preferences();
    const schemes = h("st-field", {
      type: "select", label: "Colours", options: [{ value: "auto", label: "As the system" }, { value: "light", label: "Light" }, { value: "dark", label: "Dark" }], value: scheme,
      onchange: (/** @type {any} */ event) => prefer({ scheme: event.currentTarget.value }),
    });
    const shortcuts = h("st-field", {
      type: "switch", label: "Shortcuts of one key, such as E for edit", hint: "Off if you use a screen reader or speech input that types letters.", onchange: (/** @type {any} */ event) => prefer({ keys: event.currentTarget.checked }),
    });
    const sounds = h("st-field", { type: "switch", label: "A sound with them", onchange: (/** @type {any} */ event) => prefer({ sound: event.currentTarget.checked }) });
    shortcuts.checked = keys;
    sounds.checked = sound;
    this.#showNotify();
    fill(this.root, h("div", { class: "page narrow" },
      titled("Your account"),
      card({ title: "You" }, h("dl", null,
        h("dt", null, "Name"), h("dd", null, session.name),
        h("dt", null, "Role"), h("dd", null, session.isAdmin ? "Admin: may change knowledge, settings and the team" : "Agent: talks with customers"),
        h("dt", null, "Signed in until"), this.#until)),
      card({ title: "Password", about: "A new password ends every other session of yours; this one goes on." },
        h("form", { novalidate: true, onsubmit: submit }, this.#old, this.#new, h("div", null, this.#button))),
      card({ title: "This browser" }, h("div", { class: "choices" }, schemes, this.#notify, sounds, shortcuts)),
      card({ title: "Leave" }, h("div", { class: "row" }, h("span", { class: "grow quiet" }, "Signing out ends this session at once."),
        h("st-button", { icon: "out", onclick: () => void session.signOut() }, "Sign out")))));
  }

  async #change() {
    const [before, after] = [this.#old.value, this.#new.value];
    this.#old.error = before === "" ? "Write the password that you have now." : "";
    this.#new.error = [...after].length < FEWEST_CHARS ? `At least ${FEWEST_CHARS} characters.` : "";
    if (this.#old.error !== "") return this.#old.focus();
    if (this.#new.error !== "") return this.#new.focus();
    this.#button.busy = true;
    try {
      await post("/v1/team/password", { old_password: before, new_password: after }, { quiet401: true });
      this.#old.value = this.#new.value = "";
      toast("Your password is another one now; all other sessions have ended", { kind: "good" });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const isOld = Reflect.get(Object(error), "status") !== 400;
      (isOld ? this.#old : this.#new).error = message;
    } finally {
      this.#button.busy = false;
    }
  }

  #showNotify() {
    const isHere = "Notification" in window;
    const isBlocked = isHere && Notification.permission === "denied";
    this.#notify.disabled = !isHere || isBlocked;
    this.#notify.checked = isHere && preferences().notify === "on" && Notification.permission === "granted";
    const hint = !isHere ? "This browser has none." : isBlocked ? "They are blocked in the browser's settings for this site." : "They say that somebody waits, never what was written.";
    this.#notify.setAttribute("hint", hint);
  }

  async #askNotify() {
    if (!this.#notify.checked) return prefer({ notify: "off" });
    const answer = await Notification.requestPermission();
    prefer({ notify: answer === "granted" ? "on" : "off" });
    this.#showNotify();
  }
}

define("desk-account", AccountView);
