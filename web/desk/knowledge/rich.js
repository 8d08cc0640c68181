/**
 * The server's HTML of an article as nodes. The server lets no markup of an author through; this takes over only the elements and
 * attributes that articles have besides, so that neither of the two alone keeps script out of the page.
 */

import { h } from "/design/index.js";

const ELEMENTS = new Set([
  "a", "blockquote", "br", "code", "dd", "del", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong", "sub", "sup", "table", "tbody", "td", "th",
  "thead", "tr", "ul",
]);
const ADDRESS = /^(https?:|mailto:|tel:|\/|#)/i;

/**
 * @param {string} html
 * @returns {Node[]}
 */
export function nodesOf(html) {
  return [...new DOMParser().parseFromString(html, "text/html").body.childNodes].flatMap(copy);
}

/**
 * @param {Node} node
 * @returns {Node[]}
 */
function copy(node) {
  if (node instanceof Text) return [document.createTextNode(node.data)];
  if (!(node instanceof Element)) return [];
  const children = [...node.childNodes].flatMap(copy);
  if (!ELEMENTS.has(node.localName)) return children;
  const element = h(node.localName, null, children);
  const href = node.getAttribute("href");
  if (node.localName === "a" && href !== null && ADDRESS.test(href)) {
    element.setAttribute("href", href);
    element.setAttribute("target", "_blank");
    element.setAttribute("rel", "noopener noreferrer");
  }
  return [element];
}
