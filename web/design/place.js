/**
 * Puts what floats beside what it belongs to: below it, or above where there is no room, and always inside the window.
 *
 * @param {HTMLElement} floating with position: fixed
 * @param {Element} anchor
 * @param {"start"|"end"|"center"} [align] which edges lie on one line, in the reading direction
 * @param {number} [gap] in pixels
 */
export function place(floating, anchor, align = "start", gap = 6) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = floating;
  const { innerWidth, innerHeight } = window;
  const isRtl = getComputedStyle(anchor).direction === "rtl";
  const isLeft = align === "center" ? null : (align === "start") !== isRtl;
  const wished = isLeft === null ? at.left + (at.width - width) / 2 : isLeft ? at.left : at.right - width;
  const left = Math.max(8, Math.min(wished, innerWidth - width - 8));
  const isBelow = at.bottom + gap + height <= innerHeight - 8 || at.top < innerHeight - at.bottom;
  const top = isBelow ? Math.min(at.bottom + gap, innerHeight - height - 8) : at.top - gap - height;
  floating.style.left = `${Math.round(left)}px`;
  floating.style.top = `${Math.round(Math.max(8, top))}px`;
}
