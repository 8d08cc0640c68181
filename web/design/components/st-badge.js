/**
 * <st-badge tone="neutral|accent|good|warn|bad|info|note" icon="clock" dot>Words</st-badge>
 *
 * A short word about a thing's state. The words carry the meaning; the colour repeats it.
 */

import { StElement, define } from "../element.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { css } from "../sheet.js";

const styles = css`
:host { display: inline-flex; vertical-align: middle; max-inline-size: 100%; }
span.badge {
  display: inline-flex; align-items: center; gap: 4px; max-inline-size: 100%; padding: 1px 7px; border-radius: 6px; background: var(--st-hover); color: var(--st-quiet);
  font-size: var(--st-text-xs); font-weight: 600; line-height: 1.5; white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
}
:host([tone="accent"]) .badge { background: var(--st-accent-soft); color: var(--st-accent-text); }
:host([tone="good"]) .badge { background: var(--st-good-soft); color: var(--st-good-text); }
:host([tone="warn"]) .badge { background: var(--st-warn-soft); color: var(--st-warn-text); }
:host([tone="bad"]) .badge { background: var(--st-bad-soft); color: var(--st-bad-text); }
:host([tone="info"]) .badge { background: var(--st-info-soft); color: var(--st-info-text); }
:host([tone="note"]) .badge { background: var(--st-note-soft); color: var(--st-note-text); }
.dot { inline-size: 7px; block-size: 7px; border-radius: 50%; background: currentColor; }
`;

export class StBadge extends StElement {
  static styles = [styles];
  static observedAttributes = ["icon", "dot"];

  render() {
    const name = this.getAttribute("icon");
    fill(this.root, h("span", { class: "badge" }, this.hasAttribute("dot") && h("span", { class: "dot" }), name && icon(name, 13), h("slot")));
  }
}

define("st-badge", StBadge);
