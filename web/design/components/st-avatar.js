/**
 * <st-avatar name="Ada Ross" kind="customer|agent|steward" size="32" online="true|false"></st-avatar>
 *
 * The initials of a person on a colour of their own; Steward has its mark. Decoration: the name stands beside it.
 */

import { StElement, define } from "../element.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { css } from "../sheet.js";

const styles = css`
:host { display: inline-block; position: relative; flex: none; inline-size: var(--size, 32px); block-size: var(--size, 32px); }
.face {
  display: grid; place-items: center; inline-size: 100%; block-size: 100%; border-radius: 50%; font-size: calc(var(--size, 32px) * .38); font-weight: 650; letter-spacing: .01em;
  background: light-dark(hsl(var(--hue) 42% 90%), hsl(var(--hue) 28% 24%)); color: light-dark(hsl(var(--hue) 55% 24%), hsl(var(--hue) 60% 86%)); user-select: none;
}
:host([kind="agent"]) .face { border-radius: 32%; }
:host([kind="steward"]) .face { border-radius: 32%; background: var(--st-accent); color: var(--st-on-accent); }
.face.nobody { background: var(--st-hover); color: var(--st-quiet); }
.presence { position: absolute; inset-block-end: -1px; inset-inline-end: -1px; inline-size: 10px; block-size: 10px; border-radius: 50%; border: 2px solid var(--st-surface); background: var(--st-control); }
.presence.on { background: var(--st-good); }
`;

export class StAvatar extends StElement {
  static styles = [styles];
  static observedAttributes = ["name", "kind", "size", "online"];

  render() {
    const name = this.getAttribute("name") ?? "";
    const size = Number(this.getAttribute("size") ?? 32);
    const online = this.getAttribute("online");
    this.setAttribute("aria-hidden", "true");
    this.style.setProperty("--size", `${size}px`);
    this.style.setProperty("--hue", String(hueOf(name)));
    const isSteward = this.getAttribute("kind") === "steward";
    const letters = initials(name);
    const face = isSteward ? icon("steward", Math.round(size * 0.6)) : letters || icon("person", Math.round(size * 0.55));
    fill(this.root, h("span", { class: `face ${letters === "" && !isSteward ? "nobody" : ""}` }, face), online !== null && h("span", { class: `presence ${online === "true" ? "on" : ""}` }));
  }
}

/** @param {string} name */
function initials(name) {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toLocaleUpperCase();
}

/** @param {string} name */
function hueOf(name) {
  let hash = 7;
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 3600;
  return (hash * 47) % 360;
}

define("st-avatar", StAvatar);
