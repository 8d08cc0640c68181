/**
 * The colours of charts, for both schemes. Each stands out at least 3 to 1 from the surface, and neighbours differ in lightness as well,
 * so that they can be told apart without seeing colour; the legend, the tooltip and the table name every series besides.
 */

/** As CSS of the element that draws. */
export const PALETTE_CSS = `
  --chart-1: light-dark(#0f766e, #4fd1bd);
  --chart-2: light-dark(#d9480f, #ff9a62);
  --chart-3: light-dark(#4338ca, #a9b2ff);
  --chart-4: light-dark(#a16207, #f2c94c);
  --chart-5: light-dark(#be185d, #f58bc0);
  --chart-6: light-dark(#64748b, #9fb0c3);
  --chart-7: light-dark(#3f6212, #a3d65c);
  --chart-8: light-dark(#0369a1, #5cc3f5);
`;

export const COLOURS = 8;

/**
 * The colours as the browser computes them here and now: a canvas does not know variables.
 * @param {HTMLElement} probe an element that is styled by `PALETTE_CSS` from above
 * @param {string[]} names of custom properties
 */
export function resolved(probe, names) {
  const colours = names.map((name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  });
  probe.style.color = "";
  return colours;
}
