/**
 * The satisfaction survey: a rating from 1 to 5, whether it was solved, and a comment. Loaded at the end of a conversation.
 */

import { button, element } from "./element.js";
import { number, t } from "./words.js";

const LONGEST_COMMENT = 2000;

/**
 * @param {HTMLElement} card
 * @param {(answer: {rating: number, comment: string|null, solved?: boolean}) => Promise<unknown>} send
 */
export function showSurvey(card, send) {
  const form = element("form");
  const rating = choices("rating", t("rate"), t("ratings").split("|").map((name, at) => ({ value: String(at + 1), text: number(at + 1), name })));
  const solved = choices("solved", t("solved"), [{ value: "yes", text: t("yes") }, { value: "no", text: t("no") }]);
  const label = element("label", "", t("comment"));
  const comment = element("textarea");
  comment.maxLength = LONGEST_COMMENT;
  comment.rows = 2;
  label.append(comment);
  const problem = element("p", "problem");
  problem.setAttribute("role", "alert");
  const acts = element("div", "acts");
  const submit = element("button", "solid", t("sendRating"));
  acts.append(submit, button("outlined", t("skip"), () => close()));
  form.append(rating, solved, label, problem, acts);

  const close = () => {
    card.hidden = true;
    card.replaceChildren();
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answers = new FormData(form);
    const chosen = Number(answers.get("rating"));
    if (!chosen) {
      problem.textContent = t("rateFirst");
      rating.querySelector("input")?.focus();
      return;
    }
    submit.disabled = true;
    const said = answers.get("solved");
    try {
      await send({ rating: chosen, comment: comment.value.trim() || null, ...(said && { solved: said === "yes" }) });
      const thanks = element("p", "", t("thanks"));
      thanks.setAttribute("role", "status");
      card.replaceChildren(thanks);
      setTimeout(() => thanks.isConnected && close(), 6000);
    } catch {
      submit.disabled = false;
      problem.textContent = t("wrong");
    }
  });
  card.replaceChildren(form);
  card.hidden = false;
}

/** @param {string} name  @param {string} legend  @param {{value: string, text: string, name?: string}[]} options */
function choices(name, legend, options) {
  const set = element("fieldset");
  const box = element("div", "options");
  for (const option of options) {
    const label = element("label");
    const input = element("input");
    input.type = "radio";
    input.name = name;
    input.value = option.value;
    label.append(input, element("span", "", option.text));
    if (option.name) {
      input.setAttribute("aria-label", `${option.text}: ${option.name}`);
      label.title = option.name;
    }
    box.append(label);
  }
  set.append(element("legend", "", legend), box);
  return set;
}
