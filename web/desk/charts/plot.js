/**
 * From figures over time to what uPlot draws: axes, bars and lines. Knows nothing of the page but the colours that it is given.
 */

import uPlot from "../vendor/uplot/uPlot.esm.js";

/**
 * @typedef {object} Series
 * @property {string} label
 * @property {(number | null)[]} values one for each time; null where nothing was measured
 * @property {number} [colour] of the palette, from 1
 */

/**
 * @typedef {object} ChartData
 * @property {string} title what is shown, for those who do not see it
 * @property {"bars" | "lines"} kind bars of several series stand on each other
 * @property {number[]} times in milliseconds since 1970
 * @property {Series[]} series
 * @property {(value: number | null) => string} [format]
 * @property {number} [least] where the axis ends, if the figures do not
 * @property {number} [most]
 */

/** @typedef {{ series: string[], text: string, grid: string, surface: string, font: string }} Look */

const AXIS_WIDTH = 52;
const AXIS_HEIGHT = 30;
const DAY_S = 86_400;

/** Bars stand on those before them: the sums, from the last series down. */
/**
 * @param {Series[]} series
 * @returns {(number | null)[][]}
 */
export function stacked(series) {
  /** @type {(number | null)[]} */
  let below = [];
  return series.map(({ values }) => {
    const before = below;
    below = values.map((value, index) => (value ?? 0) + (before[index] ?? 0));
    return below;
  });
}

/**
 * @param {ChartData} data
 * @param {Look} look
 * @param {{ width: number, height: number, onPoint: (index: number | null) => void }} place
 * @returns {{ options: uPlot.Options, rows: uPlot.AlignedData }}
 */
export function plotOf(data, look, { width, height, onPoint }) {
  const isBars = data.kind === "bars";
  const seconds = data.times.map((at) => at / 1000);
  const heights = isBars ? stacked(data.series) : data.series.map(({ values }) => values);
  // The tallest bars are drawn first, those that they stand on over them.
  const order = data.series.map((_, index) => index);
  if (isBars) order.reverse();
  const format = data.format ?? String;
  const step = seconds.length > 1 ? seconds[1] - seconds[0] : DAY_S;
  const half = isBars ? step / 2 : step * 0.04;
  return {
    options: {
      width,
      height,
      padding: [12, 8, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { show: !isBars, size: 8, fill: (_, index) => look.series[order[index - 1]], stroke: () => look.surface, width: 2 },
      },
      scales: {
        x: { time: true, range: () => [seconds[0] - half, seconds[seconds.length - 1] + half] },
        y: { range: (_, least, most) => rangeOf(data, least, most) },
      },
      axes: [
        {
          stroke: look.text,
          font: look.font,
          size: AXIS_HEIGHT,
          grid: { show: false },
          ticks: { show: false },
          splits: () => datesShown(seconds, width),
          values: (_, splits) => splits.map((at) => day(at * 1000)),
        },
        {
          stroke: look.text,
          font: look.font,
          size: AXIS_WIDTH,
          grid: { stroke: look.grid, width: 1 },
          ticks: { show: false },
          values: (_, splits) => splits.map((value) => format(value)),
        },
      ],
      series: [
        {},
        ...order.map((index) => ({
          label: data.series[index].label,
          stroke: isBars ? undefined : look.series[index],
          fill: isBars ? look.series[index] : undefined,
          width: isBars ? 0 : 2.25,
          spanGaps: false,
          paths: isBars ? uPlot.paths.bars?.({ size: [0.62, 42], radius: order.length === 1 ? 0.12 : 0, gap: 1 }) : uPlot.paths.linear?.(),
          points: { show: !isBars, size: 5, fill: look.series[index], stroke: look.series[index] },
        })),
      ],
      hooks: { setCursor: [(/** @type {uPlot} */ plot) => onPoint(plot.cursor.idx ?? null)] },
    },
    rows: /** @type {uPlot.AlignedData} */ ([seconds, ...order.map((index) => heights[index])]),
  };
}

/**
 * From nought, so that no difference looks larger than it is, unless the scale has ends of its own.
 * @param {ChartData} data
 * @param {number} least
 * @param {number} most
 * @returns {[number, number]}
 */
function rangeOf(data, least, most) {
  const bottom = data.least ?? Math.min(0, least ?? 0);
  const top = data.most ?? Math.max(most ?? 0, bottom + 1) * 1.06;
  return [bottom, top];
}

/**
 * As many dates as have room, each at a point.
 * @param {number[]} seconds
 * @param {number} width
 */
function datesShown(seconds, width) {
  const most = Math.max(2, Math.floor((width - AXIS_WIDTH) / 72));
  const every = Math.ceil(seconds.length / most);
  return seconds.filter((_, index) => index % every === 0);
}

const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** @param {number} ms */
export function day(ms) {
  return DAY.format(ms);
}
