/**
 * Text that does not stand out enough from what is behind it, by WCAG 2.2, success criterion 1.4.3 (level AA):
 * 4.5 to 1, or 3 to 1 for large text.
 */

/** Everything visible on the page, shadow roots included, as `element "text" ratio`. Text over pictures is left out. */
export function textOfTooLittleContrast(page) {
  return page.evaluate(() => {
    const LEFT_OUT = ".hero-text, .skip, .announcer, [popover]"; // over a picture, or out of sight
    const paint = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const tooLittle = [];
    visit(document);
    return tooLittle;

    function visit(root) {
      for (const element of root.querySelectorAll("*")) {
        if (element.shadowRoot) visit(element.shadowRoot);
        if (element.closest(LEFT_OUT) || !element.checkVisibility({ visibilityProperty: true })) continue;
        const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");
        if (hasText) measure(element);
      }
    }

    function measure(element) {
      const style = getComputedStyle(element);
      const { background, opacity } = behind(element);
      const [red, green, blue, alpha] = rgba(style.color);
      const ink = over([red, green, blue, alpha * opacity], background);
      const [dark, light] = [luminance(ink), luminance(background)].sort((one, other) => one - other);
      const ratio = (light + 0.05) / (dark + 0.05);
      const size = parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio >= (isLarge ? 3 : 4.5)) return;
      tooLittle.push(`${element.localName}.${element.className} "${element.textContent.trim().slice(0, 30)}" ${ratio.toFixed(2)}`);
    }

    /** The color behind an element, and how opaque its ink is, through all that holds it. */
    function behind(element) {
      const layers = [];
      let opacity = 1;
      for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
        const style = getComputedStyle(at);
        opacity *= Number(style.opacity);
        const layer = rgba(style.backgroundColor);
        layers.unshift(layer);
        if (layer[3] === 1) break;
      }
      return { background: layers.reduce((below, layer) => over(layer, below), [255, 255, 255, 1]), opacity };
    }

    /** Any CSS color as the browser itself paints it. */
    function rgba(color) {
      paint.clearRect(0, 0, 1, 1);
      paint.fillStyle = color;
      paint.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = paint.getImageData(0, 0, 1, 1).data;
      return [red, green, blue, alpha / 255];
    }

    function over(top, below) {
      return [0, 1, 2].map((channel) => top[channel] * top[3] + below[channel] * (1 - top[3])).concat(1);
    }

    function luminance([red, green, blue]) {
      const [r, g, b] = [red, green, blue].map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    }
  });
}
