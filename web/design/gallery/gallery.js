/** /design: the tokens and every component, in both colour schemes (?scheme=dark) and both directions of reading (?dir=rtl). */

import { fill, h } from "../index.js";
import { SAMPLES } from "./samples.js";
import { tokens } from "./tokens.js";

const MODES = /** @type {const} */ ([
  ["scheme", [["", "As the system"], ["light", "Light"], ["dark", "Dark"]]],
  ["dir", [["", "Left to right"], ["rtl", "Right to left"]]],
]);

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const nav = /** @type {HTMLElement} */ (document.querySelector("nav"));
const modes = /** @type {HTMLElement} */ (document.querySelector(".modes"));
const parts = [{ id: "tokens", title: "Tokens", about: "Every colour, size and time that the pages use.", show: tokens }, ...SAMPLES];

fill(nav, parts.map(({ id, title }) => h("a", { href: `#${id}` }, title)));
fill(main, parts.map(({ id, title, about, show }) => h("section", { id, "aria-label": title }, h("h2", null, title), h("p", null, about), show())));
apply();

function apply() {
  const query = new URLSearchParams(location.search);
  const [scheme, direction] = [query.get("scheme") ?? "", query.get("dir") ?? ""];
  if (scheme === "light" || scheme === "dark") document.documentElement.dataset.scheme = scheme;
  else delete document.documentElement.dataset.scheme;
  document.documentElement.dir = direction === "rtl" ? "rtl" : "ltr";
  fill(modes, MODES.map(([name, choices]) => choices.map(([value, label]) => h("st-button", {
    size: "s", pressed: String((query.get(name) ?? "") === value),
    onclick: () => {
      if (value === "") query.delete(name);
      else query.set(name, value);
      history.replaceState(null, "", `${location.pathname}?${query}${location.hash}`);
      apply();
    },
  }, label))));
}
