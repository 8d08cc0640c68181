// Texts whose contrast to what is behind them is below WCAG 2.2 AA, in the page and in its shadow roots.

/** A list of descriptions, empty if all is well. */
export function lowContrast(page) {
  return page.evaluate(() => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 1;
    const ink = canvas.getContext("2d", { willReadFrequently: true });
    /** Any CSS colour as red, green, blue (0..255) and opacity (0..1). */
    const parse = (color) => {
      ink.clearRect(0, 0, 1, 1);
      ink.fillStyle = color;
      ink.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = ink.getImageData(0, 0, 1, 1).data;
      return [red, green, blue, alpha / 255];
    };
    const luminance = (color) => {
      const [red, green, blue] = color.slice(0, 3).map((value) => {
        const share = value / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
    const parentOf = (element) => element.parentElement ?? element.getRootNode().host;
    const problems = [];
    const inspect = (element) => {
      const style = getComputedStyle(element);
      const layers = [];
      let opacity = 1;
      for (let outer = element; outer; outer = parentOf(outer)) {
        const outerStyle = getComputedStyle(outer);
        opacity *= Number(outerStyle.opacity);
        const background = parse(outerStyle.backgroundColor);
        if (background[3] > 0) layers.push(background);
        if (background[3] === 1) break;
      }
      const behind = layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255, 1]);
      const text = parse(style.color);
      text[3] *= opacity;
      const [one, other] = [luminance(over(text, behind)), luminance(behind)];
      const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      const size = parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio < (isLarge ? 3 : 4.5)) {
        const words = element.textContent.trim().slice(0, 30);
        problems.push(`${element.localName}.${element.className} "${words}" ${ratio.toFixed(2)}`);
      }
    };
    const visit = (root) => {
      for (const element of root.querySelectorAll("*")) {
        if (element.shadowRoot) visit(element.shadowRoot);
        // Over a picture; out of sight; read by screen readers only; in a closed popover.
        if (element.closest(".hero-text, .skip, .announcer, [popover]")) continue;
        if (!element.checkVisibility({ visibilityProperty: true })) continue;
        const hasText = [...element.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
        if (hasText) inspect(element);
      }
    };
    visit(document);
    return problems;
  });
}
