/**
 * The form before the chat: a name and an email address, asked for or required. Loaded where the company wants it.
 */

import { button, element } from "./element.js";
import { t } from "./words.js";

const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;

/** @param {HTMLElement} card  @param {boolean} required  @param {(said: {name?: string, email?: string}) => void} done */
export function showPreChat(card, required, done) {
  const form = element("form");
  form.noValidate = true;
  const name = field("name", "text", required);
  const email = field("email", "email", required);
  const acts = element("div", "acts");
  acts.append(element("button", "solid", t("begin")));
  const finish = (/** @type {{name?: string, email?: string}} */ said) => {
    card.hidden = true;
    card.replaceChildren();
    done(said);
  };
  if (!required) acts.append(button("outlined", t("skip"), () => finish({})));
  form.append(element("h3", "", t("hello")), element("p", "", t("helloWhy")), name.label, email.label, acts);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [called, address] = [name.input.value.trim(), email.input.value.trim()];
    name.say(required && !called ? t("needed") : "");
    email.say(required && !address ? t("needed") : address && !EMAIL.test(address) ? t("badEmail") : "");
    const wrong = /** @type {HTMLElement|null} */ (form.querySelector("[aria-invalid=true]"));
    if (wrong) wrong.focus();
    else finish({ ...(called && { name: called }), ...(address && { email: address }) });
  });
  card.replaceChildren(form);
  card.hidden = false;
}

/** @param {"name"|"email"} name  @param {string} type  @param {boolean} required */
function field(name, type, required) {
  const label = element("label", "", t(name));
  const input = element("input");
  const problem = element("span", "problem");
  input.type = type;
  input.autocomplete = name;
  input.required = required;
  problem.id = `${name}-problem`;
  input.setAttribute("aria-describedby", problem.id);
  label.append(input, problem);
  const say = (/** @type {string} */ text) => {
    problem.textContent = text;
    input.setAttribute("aria-invalid", String(text !== ""));
  };
  return { label, input, say };
}
