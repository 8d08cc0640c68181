/** The tokens, as what they are: colours on what they may stand on, type, room, corners, depth, icons. */

import { h, icon, iconNames } from "../index.js";

const SURFACES = ["bg", "surface", "raised", "hover", "selected", "line", "control", "accent", "accent-hover", "accent-soft", "good", "warn", "bad", "info"];
const INKS = [["text", "surface"], ["quiet", "surface"], ["text", "bg"], ["quiet", "bg"], ["on-accent", "accent"], ["accent-text", "accent-soft"], ["good-text", "good-soft"], ["warn-text", "warn-soft"], ["bad-text", "bad-soft"], ["info-text", "info-soft"], ["note-text", "note-soft"]];
const SIZES = ["xxl", "xl", "l", "m", "s", "xs"];
const ROOM = [1, 2, 3, 4, 5, 6, 7];
const CORNERS = ["radius-s", "radius", "radius-l"];

export function tokens() {
  return [
    h("h3", null, "Colours"),
    h("ul", { class: "swatches" }, SURFACES.map((name) => h("li", null, styled("i", { background: `var(--st-${name})` }), h("code", { dir: "ltr" }, `--st-${name}`)))),
    h("h3", null, "Ink on ground, each at least 4.5 to 1"),
    h("ul", { class: "inks" }, INKS.map(([ink, ground]) => styled("li", { color: `var(--st-${ink})`, background: `var(--st-${ground})`, border: "1px solid var(--st-line)" }, `${ink} on ${ground}`))),
    h("h3", null, "Type"),
    h("div", { class: "scale" }, SIZES.map((size) => styled("p", { "font-size": `var(--st-text-${size})` }, `Where is my order? (--st-text-${size})`))),
    h("h3", null, "Room"),
    h("div", { class: "bars" }, ROOM.map((size) => h("div", null, styled("i", { "inline-size": `var(--st-${size})` }), h("code", { dir: "ltr" }, `--st-${size}`)))),
    h("h3", null, "Corners and depth"),
    h("ul", { class: "swatches" }, CORNERS.map((name) => h("li", null, styled("i", { "border-radius": `var(--st-${name})` }), h("code", { dir: "ltr" }, `--st-${name}`))),
      ["shadow", "shadow-l"].map((name) => h("li", null, styled("i", { "box-shadow": `var(--st-${name})` }), h("code", { dir: "ltr" }, `--st-${name}`)))),
    h("h3", null, "Icons"),
    h("ul", { class: "icons" }, iconNames.map((name) => h("li", null, icon(name, 22), name))),
  ];
}

/**
 * An element with properties that a token decides.
 * @param {string} tag
 * @param {Record<string, string>} properties
 * @param {...import("../dom.js").Child} children
 */
function styled(tag, properties, ...children) {
  const element = h(tag, null, children);
  for (const [name, value] of Object.entries(properties)) element.style.setProperty(name, value);
  return element;
}
