/** A dialog with a form: it stays open, with what was written, until the server took it. */

import { css, h } from "/design/index.js";

// A dialog stands in the page itself, above everything.
document.adoptedStyleSheets.push(css`
.form-fields { display: grid; gap: 14px; margin: 0; }
.form-fields p { margin: 0; }
.form-line { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; margin: 0; }
.form-fault { padding: 9px 12px; border-radius: var(--st-radius); background: var(--st-bad-soft); color: var(--st-bad-text); }
.form-secret { flex: 1 1 320px; min-inline-size: 0; min-block-size: var(--st-height); padding: 6px 10px; border: 1px solid var(--st-control); border-radius: var(--st-radius); background: var(--st-raised); color: inherit; font: var(--st-text-s) var(--st-mono); }
`);

/** @typedef {import("/design/components/st-dialog.js").StDialog} StDialog */
/** @typedef {import("/design/components/st-field.js").StField} StField */

/**
 * @param {object} form
 * @param {string} form.heading
 * @param {string} [form.about]
 * @param {string} form.confirm
 * @param {HTMLElement[]} form.fields fields with a `name`, and whatever stands between them
 * @param {(values: Record<string, string>) => Promise<unknown>} form.save
 * @param {boolean} [form.wide]
 */
export function formDialog({ heading, about, confirm, fields, save, wide = false }) {
  const fault = h("p", { class: "form-fault", role: "alert", hidden: true });
  const button = h("st-button", { variant: "primary", slot: "footer" }, confirm);
  const form = h("form", { class: "form-fields" }, about && h("p", null, about), fields, fault);
  const dialog = /** @type {StDialog} */ (h("st-dialog", { heading, wide }, form, h("st-button", { slot: "footer", onclick: () => dialog.close() }, "Cancel"), button));
  const named = /** @type {StField[]} */ (fields.filter((field) => field.localName === "st-field"));
  const send = async () => {
    const missing = named.find((field) => field.hasAttribute("required") && field.value.trim() === "");
    for (const field of named) field.error = field === missing ? "This is needed." : "";
    if (missing) return missing.focus();
    button.setAttribute("busy", "");
    try {
      await save(Object.fromEntries(named.map((field) => [field.getAttribute("name") ?? "", field.value])));
      dialog.close(true);
    } catch (error) {
      fault.textContent = error instanceof Error ? error.message : String(error);
      fault.hidden = false;
    } finally {
      button.removeAttribute("busy");
    }
  };
  button.addEventListener("click", send);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented || event.composedPath()[0] instanceof HTMLTextAreaElement) return;
    event.preventDefault();
    send();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.show();
  return dialog;
}
