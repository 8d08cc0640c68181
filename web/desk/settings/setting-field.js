/**
 * One setting as a field: its kind decides how it is changed, the server's sentence says what it means, and it says where its value comes from
 * and what it would be without the desk. What comes from the environment cannot be changed here, and says so.
 */

import { h } from "/design/index.js";
import { CHOICES, SOURCES, meaningOf, nameOf } from "./words.js";

/** @typedef {import("./draft.js").Draft} Draft */
/** @typedef {import("./draft.js").Setting} Setting */

/**
 * @param {Draft} draft
 * @param {string} key
 * @param {{ name?: string, type?: string, rows?: number, options?: { value: string, label: string }[] }} [how]
 * @returns {HTMLElement | null} null where the server has no such setting
 */
export function settingField(draft, key, how = {}) {
  const setting = draft.setting(key);
  if (setting === null) return null;
  const isFixed = setting.source === "environment";
  const name = how.name ?? nameOf(key);
  const said = h("p", { class: "from small quiet" });
  const meaning = h("p", { class: "meaning small" });
  const field = fieldOf(draft, setting, name, isFixed, how);
  const element = h("div", { class: "setting", "data-key": key }, field, meaning, said);
  const show = () => {
    const value = draft.value(key);
    const means = typeof value === "number" ? meaningOf(key, value) : null;
    meaning.textContent = means ?? "";
    meaning.hidden = means === null;
    said.replaceChildren(...wordsOfSource(draft, setting, isFixed));
    const control = /** @type {any} */ (field);
    if ("error" in control) control.error = draft.fault?.key === key ? draft.fault.message : "";
  };
  draft.addEventListener("change", show);
  show();
  return element;
}

/**
 * @param {Draft} draft
 * @param {Setting} setting
 * @param {boolean} isFixed
 */
function wordsOfSource(draft, setting, isFixed) {
  if (isFixed) return ["Set by the environment of the server, and changed there."];
  if (draft.isChanged(setting.key)) return [`Not saved yet. In force: ${shown(setting.value)}`];
  const parts = [setting.source === "default" ? "" : `${capital(SOURCES[setting.source] ?? setting.source)}. `];
  const isOther = JSON.stringify(setting.value) !== JSON.stringify(setting.default);
  if (isOther) parts.push(`Steward's own: ${shown(setting.default)} `);
  /** @type {(Node | string)[]} */
  const nodes = [parts.join("")];
  if (setting.source === "desk") {
    nodes.push(h("button", { type: "button", class: "link", onclick: () => draft.set(setting.key, null) }, "Undo the change made here"));
  }
  return nodes;
}

/**
 * @param {Draft} draft
 * @param {Setting} setting
 * @param {string} name
 * @param {boolean} disabled
 * @param {{ type?: string, rows?: number, options?: { value: string, label: string }[] }} how
 * @returns {HTMLElement}
 */
function fieldOf(draft, setting, name, disabled, { type, rows, options }) {
  const { key, kind, about } = setting;
  const value = draft.value(key);
  const shared = { label: name, hint: about, name: key, disabled };
  const change = (/** @type {(field: any) => any} */ read) => (/** @type {Event} */ event) => draft.set(key, read(event.currentTarget));
  if (kind === "bool") {
    return h("st-field", { ...shared, type: "switch", checked: value === true, onchange: change((field) => field.checked) });
  }
  if (kind === "choice" && CHOICES[key] !== undefined) return cards(draft, setting, name, disabled);
  if (kind === "choice" || options !== undefined) {
    const field = h("st-field", { ...shared, type: "select", onchange: change((at) => at.value) });
    Reflect.set(field, "options", options ?? (setting.choices ?? []).map((choice) => ({ value: choice, label: capital(choice.replaceAll("_", " ")) })));
    Reflect.set(field, "value", String(value ?? ""));
    return field;
  }
  if (kind === "list") {
    const lines = Array.isArray(value) ? value.join("\n") : "";
    return h("st-field", {
      ...shared, type: "textarea", rows: rows ?? 3, value: lines, hint: `${about} One a line.`,
      oninput: change((field) => field.value.split("\n").map((/** @type {string} */ line) => line.trim()).filter(Boolean)),
    });
  }
  if (kind === "table") {
    const lines = Object.entries(value ?? {}).map(([at, is]) => `${at} = ${is}`).join("\n");
    return h("st-field", {
      ...shared, type: "textarea", rows: rows ?? 3, value: lines, hint: `${about} One a line, as name = value.`, spellcheck: "false",
      oninput: change((field) => tableOf(field.value)),
    });
  }
  if (kind === "number") {
    const isShare = setting.min === 0 && setting.max === 1;
    if (isShare) return slider(draft, setting, name, disabled);
    return h("st-field", {
      ...shared, type: "number", value: String(value ?? ""), min: setting.min, max: setting.max, step: Number.isInteger(setting.default) ? 1 : "any",
      oninput: change((field) => (field.value === "" ? null : Number(field.value))),
    });
  }
  const isLong = type === "textarea" || (type === undefined && String(setting.default ?? "").length > 60);
  return h("st-field", { ...shared, type: isLong ? "textarea" : type ?? "text", rows: rows ?? 3, value: String(value ?? ""), oninput: change((field) => field.value) });
}

/**
 * A share between 0 and 1, drawn and as a number: the two are one setting.
 * @param {Draft} draft
 * @param {Setting} setting
 * @param {string} name
 * @param {boolean} disabled
 */
function slider(draft, { key, about }, name, disabled) {
  const id = `s-${key.replaceAll(".", "-")}`;
  const share = { min: 0, max: 1, step: 0.01, disabled };
  const range = h("input", { type: "range", id, ...share, value: String(draft.value(key)), "aria-describedby": `${id}-about` });
  const number = h("input", { type: "number", ...share, value: String(draft.value(key)), "aria-label": `${name}, as a number` });
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  range.addEventListener("input", () => {
    number.value = range.value;
    draft.set(key, Number(range.value));
  });
  number.addEventListener("input", () => {
    if (number.value === "") return;
    range.value = number.value;
    draft.set(key, Number(number.value));
  });
  draft.addEventListener("change", () => {
    if (Number(number.value) !== draft.value(key)) range.value = number.value = String(draft.value(key));
    fault.hidden = draft.fault?.key !== key;
    fault.textContent = fault.hidden ? "" : draft.fault?.message ?? "";
  });
  return h("div", { class: "slider" }, h("label", { htmlFor: id }, name), h("div", { class: "both" }, range, number), h("p", { class: "hint", id: `${id}-about` }, about), fault);
}

/**
 * A choice whose options need a sentence each.
 * @param {Draft} draft
 * @param {Setting} setting
 * @param {string} name
 * @param {boolean} disabled
 */
function cards(draft, { key, about, choices = [] }, name, disabled) {
  const current = draft.value(key);
  const set = h("fieldset", { class: "cards" }, h("legend", null, name), h("p", { class: "hint" }, about),
    h("div", { class: "options" }, choices.map((choice) => {
      const [title, meaning] = CHOICES[key][choice] ?? [capital(choice), ""];
      const radio = h("input", { type: "radio", name: key, value: choice, checked: choice === current, disabled, onchange: () => draft.set(key, choice) });
      return h("label", { class: "option" }, radio, h("span", null, h("b", null, title), h("span", { class: "quiet small" }, meaning)));
    })));
  draft.addEventListener("change", () => {
    const value = draft.value(key);
    for (const radio of set.querySelectorAll("input")) radio.checked = radio.value === value;
  });
  return set;
}

/** @param {string} lines */
function tableOf(lines) {
  const pairs = lines.split("\n").filter((line) => line.trim() !== "").map((line) => line.split(/\s*=\s*(.*)/).map((part) => part.trim()));
  return Object.fromEntries(pairs.map(([name, value = ""]) => [name, value]));
}

/** @param {any} value */
function shown(value) {
  if (value === true) return "on.";
  if (value === false) return "off.";
  if (value === "" || value === null || value === undefined) return "nothing.";
  if (Array.isArray(value)) return value.length === 0 ? "none." : `${value.join(", ")}.`;
  if (typeof value === "object") return `${JSON.stringify(value)}.`;
  const text = String(value);
  return text.length > 80 ? `“${text.slice(0, 78)}…”.` : `${text}.`;
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
