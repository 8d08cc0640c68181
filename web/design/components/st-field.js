/**
 * <st-field label="Name" type="text" name="name" value="" hint="…" error="…" required></st-field>
 *
 * A field with its label, a hint and an error, each tied to the input for screen readers.
 * `type`: text, password, email, url, number, search, color, date, time, textarea, select, checkbox, switch, or whatever `input` takes.
 * `options` (property): `[{value, label}]` for select. `rows` for textarea. `hide-label` keeps the label for screen readers alone.
 * `value`, `checked`, `disabled`, `error`: properties. Fires `input` and `change`, as an input does. Part of the form that it stands in.
 */

import { StElement, define } from "../element.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { css } from "../sheet.js";

const styles = css`
:host { display: block; }
.field { display: grid; gap: 5px; }
label { font-size: var(--st-text-s); font-weight: 600; }
.line { position: relative; display: flex; align-items: center; }
.line > svg { position: absolute; inset-inline-start: 10px; color: var(--st-quiet); pointer-events: none; }
.line > svg ~ input { padding-inline-start: 34px; }
input, textarea, select {
  inline-size: 100%; min-block-size: var(--st-height); padding: 6px 10px; border: 1px solid var(--st-control); border-radius: var(--st-radius);
  background: var(--st-surface); line-height: 1.4; appearance: none;
}
textarea { resize: vertical; min-block-size: 72px; }
select { padding-inline-end: 30px; cursor: pointer; }
.line > select ~ svg { inset-inline: auto 9px; }
input::placeholder, textarea::placeholder { color: var(--st-quiet); opacity: 1; }
input:focus-visible, textarea:focus-visible, select:focus-visible { outline: 2px solid var(--st-accent); outline-offset: -1px; border-color: var(--st-accent); border-radius: var(--st-radius); }
input:disabled, textarea:disabled, select:disabled { background: var(--st-raised); color: var(--st-quiet); }
input[type="color"] { padding: 3px; inline-size: 56px; cursor: pointer; }
input[type="number"] { font-variant-numeric: tabular-nums; }
.hint { color: var(--st-quiet); font-size: var(--st-text-s); }
.error { display: flex; gap: 6px; align-items: start; color: var(--st-bad-text); font-size: var(--st-text-s); }
.error svg { margin-block-start: 2px; }
.is-bad input, .is-bad textarea, .is-bad select { border-color: var(--st-bad); }
.reveal { position: absolute; inset-inline-end: 4px; display: grid; place-items: center; inline-size: 30px; block-size: 28px; border-radius: 6px; color: var(--st-quiet); }
.reveal:hover { background: var(--st-hover); }
.tick { grid-template-columns: auto 1fr; align-items: center; column-gap: 9px; }
.tick label { font-size: var(--st-text-m); font-weight: 500; padding-block: 4px; cursor: pointer; }
.tick .hint, .tick .error { grid-column: 2; }
.tick input { inline-size: 18px; block-size: 18px; min-block-size: 0; padding: 0; border-radius: 5px; cursor: pointer; display: grid; place-items: center; }
.tick input:checked { background: var(--st-accent); border-color: var(--st-accent); }
.tick input[type="checkbox"]:checked::after { content: ""; inline-size: 5px; block-size: 9px; margin-block-end: 2px; border: solid var(--st-on-accent); border-width: 0 2px 2px 0; rotate: 45deg; }
.tick input[role="switch"] { inline-size: 34px; block-size: 20px; border-radius: 10px; place-items: center start; }
.tick input[role="switch"]::after, .tick input[role="switch"]:checked::after { content: ""; inline-size: 12px; block-size: 12px; margin: 0 3px; border: 0; border-radius: 50%; background: var(--st-control); rotate: none; }
.tick input[role="switch"]:checked { place-items: center end; }
.tick input[role="switch"]:checked::after { background: var(--st-on-accent); }
`;

/** @typedef {HTMLInputElement|HTMLTextAreaElement|HTMLSelectElement} Control */
/** @typedef {{value: string, label: string}} Option */

const PASSED_ON = ["name", "placeholder", "autocomplete", "min", "max", "step", "minlength", "maxlength", "pattern", "inputmode", "rows", "spellcheck", "required", "disabled", "readonly", "list"];
let fields = 0;

export class StField extends StElement {
  static styles = [styles];
  static delegatesFocus = true;
  static formAssociated = true;
  static observedAttributes = ["label", "type", "hint", "error", "icon", "hide-label", "value", "checked", ...PASSED_ON];

  #internals = this.attachInternals();
  #id = `f${(fields += 1)}`;
  /** @type {Control} */
  #control = h("input");
  /** @type {string|null} the value that was set before there was a control for it */
  #value = null;
  /** @type {Option[]} */
  #options = [];
  #made = "";

  get type() {
    return this.getAttribute("type") ?? "text";
  }

  set type(type) {
    this.setAttribute("type", type);
  }

  get value() {
    return this.#made === "" ? this.#value ?? this.getAttribute("value") ?? "" : this.#control.value;
  }

  set value(value) {
    this.#value = String(value ?? "");
    this.#make();
    this.#control.value = this.#value;
    this.#internals.setFormValue(this.#value);
  }

  get checked() {
    this.#make();
    return this.#control instanceof HTMLInputElement && this.#control.checked;
  }

  set checked(value) {
    this.#make();
    if (this.#control instanceof HTMLInputElement) this.#control.checked = Boolean(value);
  }

  get name() {
    return this.getAttribute("name") ?? "";
  }

  get disabled() {
    return this.hasAttribute("disabled");
  }

  set disabled(value) {
    this.toggleAttribute("disabled", Boolean(value));
  }

  get error() {
    return this.getAttribute("error") ?? "";
  }

  set error(text) {
    if (text) this.setAttribute("error", text);
    else this.removeAttribute("error");
  }

  /** @param {Option[]} options */
  set options(options) {
    this.#options = options;
    if (this.#made === "select") this.#fillOptions();
    this.changed();
  }

  get options() {
    return this.#options;
  }

  /** The input, textarea or select itself, for whoever needs its selection. */
  get control() {
    this.#make();
    return this.#control;
  }

  /** @param {any[]} change name, value before, value now */
  attributeChangedCallback(...change) {
    const [name, , now] = change;
    if (name === "value" && now !== null && this.#made !== "") this.value = now;
    if (name === "checked") this.checked = now !== null;
    this.changed();
  }

  formResetCallback() {
    this.value = this.getAttribute("value") ?? "";
  }

  /** @param {FocusOptions} [options] */
  focus(options) {
    // A field that came onto the page just now has not been rendered yet.
    if (this.isConnected && !this.control.isConnected) this.render();
    this.control.focus(options);
  }

  select() {
    if (!(this.#control instanceof HTMLSelectElement)) this.#control.select();
  }

  #make() {
    const { type } = this;
    if (this.#made === type) return;
    const before = this.#value ?? this.getAttribute("value");
    const isTick = type === "checkbox" || type === "switch";
    const control = type === "textarea" ? h("textarea") : type === "select" ? h("select") : h("input", { type: isTick ? "checkbox" : type });
    if (type === "switch") control.setAttribute("role", "switch");
    control.id = this.#id;
    control.addEventListener("input", () => {
      this.#value = control.value;
      this.#internals.setFormValue(control.value);
    });
    // An input's `change` stays inside the shadow root; `input` does not.
    control.addEventListener("change", () => this.emit("change"));
    control.addEventListener("keydown", (event) => {
      const form = this.#internals.form;
      if (/** @type {KeyboardEvent} */ (event).key === "Enter" && control instanceof HTMLInputElement && form) form.requestSubmit();
    });
    this.#control = control;
    this.#made = type;
    if (type === "select") this.#fillOptions();
    if (before !== null && !isTick) control.value = before;
    if (isTick && control instanceof HTMLInputElement) control.checked = this.hasAttribute("checked");
    fill(this.root);
  }

  #fillOptions() {
    const { value } = this;
    fill(this.#control, this.#options.map((option) => h("option", { value: option.value }, option.label)));
    this.#control.value = this.#value ?? value;
  }

  render() {
    this.#make();
    const { type } = this;
    const control = this.#control;
    const hadFocus = this.root.activeElement === control; // building anew takes it from its place
    const hint = this.getAttribute("hint");
    const { error } = this;
    for (const name of PASSED_ON) {
      const value = this.getAttribute(name);
      if (value === null) control.removeAttribute(name);
      else control.setAttribute(name, value);
    }
    const described = [hint && `${this.#id}h`, error && `${this.#id}e`].filter(Boolean).join(" ");
    if (described) control.setAttribute("aria-describedby", described);
    else control.removeAttribute("aria-describedby");
    control.setAttribute("aria-invalid", String(Boolean(error)));
    const label = h("label", { htmlFor: this.#id, class: this.hasAttribute("hide-label") ? "sr" : "" }, this.getAttribute("label") ?? "");
    const help = [
      hint && h("p", { class: "hint", id: `${this.#id}h` }, hint),
      error && h("p", { class: "error", id: `${this.#id}e`, role: "alert" }, icon("warn", 15), h("span", null, error)),
    ];
    const isTick = type === "checkbox" || type === "switch";
    const name = this.getAttribute("icon");
    const line = h("div", { class: "line" }, name && icon(name, 16), control, type === "select" && icon("down", 16), type === "password" && this.#reveal());
    fill(this.root, h("div", { class: `field ${isTick ? "tick" : ""} ${error ? "is-bad" : ""}` }, isTick ? [control, label] : [label, line], help));
    if (hadFocus) control.focus();
  }

  #reveal() {
    const control = /** @type {HTMLInputElement} */ (this.#control);
    return h("button", {
      type: "button", class: "reveal", "aria-label": "Show the password", "aria-pressed": String(control.type === "text"),
      onclick: (/** @type {Event} */ event) => {
        control.type = control.type === "password" ? "text" : "password";
        const button = /** @type {HTMLElement} */ (event.currentTarget);
        button.setAttribute("aria-pressed", String(control.type === "text"));
      },
    }, icon("eye", 16));
  }
}

define("st-field", StField);
