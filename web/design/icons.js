/**
 * The icons: strokes on a grid of 24, drawn for this project. `icon("name")` makes an SVG element that takes the colour of the
 * words around it and is hidden from screen readers: the words beside it, or a label, say what it means.
 */

/** @type {Record<string, string>} path data by name; a shape ends where the next M begins */
const PATHS = {
  inbox: "M3 13h5l1.5 3h5L16 13h5M5.5 5h13L21 13v6H3v-6z",
  at: "M12 8.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6M15.8 8v5.2a2.6 2.6 0 0 0 5.2 0V12a9 9 0 1 0-3.6 7.2",
  search: "M10.8 4a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6M15.8 15.8 20.5 20.5",
  team: "M9 5a3.2 3.2 0 1 0 0 6.4A3.2 3.2 0 0 0 9 5M3 19c.5-3.4 2.8-5 6-5s5.500 1.600 6 5M15.500 5.300a3.200 3.200 0 0 1 0 5.900M17 14.300c2.300.500 3.700 2 4 4.700",
  chart: "M4 20h16M7 16v-5M12 16V5M17 16V9",
  gap: "M9.200 9a2.900 2.900 0 1 1 4.300 2.500c-1 .600-1.500 1.200-1.500 2.300M12 17.200v.100M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18",
  book: "M12 6.500C10.500 5 8 4.500 4 4.500v13.500c4 0 6.500.500 8 2 1.500-1.500 4-2 8-2V4.500c-4 0-6.500.500-8 2M12 6.500V20",
  gear: "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6M12 3v2.500M12 18.500V21M4.200 7.500l2.200 1.250M17.600 15.250l2.200 1.250M4.200 16.500l2.200-1.250M17.600 8.750l2.200-1.250M12 5.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4.500 20c.600-4 3.400-6 7.500-6s6.900 2 7.500 6",
  send: "M4 12 20 4l-4.500 16-4-6.500zM11.500 13.500 20 4",
  note: "M5 4h14v10l-5 6H5zM14 20v-6h5",
  bolt: "M13 3 5 13.500h6L10 21l9-11.500h-6.500z",
  spark: "M12 3l1.900 5.600L19.500 10.500l-5.600 1.900L12 18l-1.900-5.600L4.500 10.500l5.600-1.900zM19 16v4M17 18h4",
  check: "M5 12.500 10 17.500 19.500 7",
  cross: "M6 6l12 12M18 6 6 18",
  pen: "M4 20l1-4.500L16.500 4 20 7.500 8.500 19zM14 6.500 17.500 10",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  down: "M6 9l6 6 6-6",
  up: "M6 15l6-6 6 6",
  next: "M9 6l6 6-6 6",
  back: "M15 6l-6 6 6 6",
  more: "M4.700 12a.8.8 0 1 0 1.600 0 .8.8 0 1 0-1.600 0M11.200 12a.8.8 0 1 0 1.600 0 .8.8 0 1 0-1.600 0M17.700 12a.8.8 0 1 0 1.600 0 .8.8 0 1 0-1.600 0",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4.300l3 1.700",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2.500V5M12 19v2.500M2.500 12H5M19 12h2.500M5.300 5.300l1.700 1.700M17 17l1.700 1.700M5.300 18.700 7 17M17 7l1.700-1.700",
  tag: "M4 4h7.500l8.500 8.500-7.500 7.500L4 11.500zM8 8h.010",
  hand: "M8 12.500V6.200a1.400 1.400 0 0 1 2.800 0V11m0-5.500a1.400 1.400 0 0 1 2.800 0V11m0-4.300a1.400 1.400 0 0 1 2.800 0v6.800c0 4-2.200 6.500-5.600 6.500-2.600 0-4-1.200-5.300-3.700l-1.700-3.400c-.700-1.500 1.200-2.500 2.200-1.200z",
  returns: "M9 7 4.500 11.500 9 16M4.500 11.500H15a4.500 4.500 0 0 1 0 9h-2",
  queue: "M4 6h16M4 12h16M4 18h10",
  shut: "M4 7h16v4H4zM6 11v9h12v-9M10 15h4",
  file: "M6 3h8l4.500 4.500V21H6zM14 3v5h4.500",
  clip: "M19 11.500 12 18.500a4.500 4.500 0 0 1-6.400-6.400l7.500-7.500a3 3 0 0 1 4.300 4.300l-7.300 7.300a1.500 1.500 0 0 1-2.200-2.200l6.600-6.500",
  link: "M10 14a4 4 0 0 0 5.700 0l3-3A4 4 0 0 0 13 5.300L11.500 6.800M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1.500-1.500",
  quote: "M5 7h6v6c0 2.500-1.500 4-4 4.500M13.500 7h6v6c0 2.500-1.500 4-4 4.500",
  bell: "M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15zM10 20.500h4",
  eye: "M2.500 12C5 7.500 8 5.500 12 5.500s7 2 9.500 6.500c-2.500 4.500-5.500 6.500-9.500 6.500S5 16.500 2.500 12M12 9.200a2.800 2.800 0 1 0 0 5.600 2.800 2.800 0 0 0 0-5.600",
  warn: "M12 4 2.800 19.500h18.400zM12 10v4.500M12 17.200v.010",
  info: "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17M12 11v5.500M12 7.700v.010",
  key: "M8.500 11a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9M11.700 12.300 20 4M16 8l3 3",
  out: "M10 4H5v16h5M15 8l4 4-4 4M19 12H9.500",
  trash: "M4 7h16M9.500 7V4h5v3M6.500 7l1 13h9l1-13M10.500 11v5.500M13.500 11v5.500",
  refresh: "M19.500 12a7.500 7.500 0 1 1-2.200-5.300L19.500 9M19.500 4v5h-5",
  download: "M12 4v11M7 10.500l5 5 5-5M4.500 20h15",
  copy: "M8.500 8.500h11v11h-11zM15.500 8.500v-4h-11v11h4",
  filter: "M4 5h16l-6.200 7.500V19l-3.600-2v-4.500z",
  keyboard: "M3 6.500h18v11H3zM7 10h.010M11 10h.010M15 10h.010M7 14h10",
  whisper: "M4 5h16v11H11l-4.500 4v-4H4zM8.500 10.500h.010M12 10.500h.010M15.500 10.500h.010",
  heart: "M12 19.500S4 14.800 4 9.200A4.200 4.200 0 0 1 12 7.500a4.200 4.200 0 0 1 8 1.700c0 5.600-8 10.300-8 10.300",
  shorter: "M4 8h16M4 14h9",
  menu: "M4 6.500h16M4 12h16M4 17.500h16",
  steward: "M4 18.500V9a5 5 0 0 1 5-5h6a5 5 0 0 1 5 5v2.500a5 5 0 0 1-5 5H8zM9 10.500h.010M15 10.500h.010",
  wifi_off: "M3 3l18 18M8.500 15.500a5 5 0 0 1 6.800-.200M5 12a10 10 0 0 1 4-2.400M13.500 9.200A10 10 0 0 1 19 12M12 19h.010",
};

/** @typedef {keyof typeof PATHS} IconName */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} name one of `iconNames`
 * @param {number} [size] in pixels
 * @returns {SVGSVGElement}
 */
export function icon(name, size = 18) {
  const svg = /** @type {SVGSVGElement} */ (document.createElementNS(SVG, "svg"));
  const attributes = {
    viewBox: "0 0 24 24", width: size, height: size, fill: "none", stroke: "currentColor", "stroke-width": 1.8,
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true",
  };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, String(value));
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? "");
  svg.append(path);
  return svg;
}

export const iconNames = Object.keys(PATHS);
