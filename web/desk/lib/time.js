/**
 * Times as people of the desk read them, in the browser's language.
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const year = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

/** How long ago, in as few letters as possible: "now", "4m", "2h", "3d", "12 Nov". @param {number} ms @param {number} [now] */
export function ago(ms, now = Date.now()) {
  const passed = now - ms;
  if (passed < MINUTE) return "now";
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)}m`;
  if (passed < DAY) return `${Math.floor(passed / HOUR)}h`;
  if (passed < 7 * DAY) return `${Math.floor(passed / DAY)}d`;
  return passed < 300 * DAY ? day.format(ms) : year.format(ms);
}

/** A span: "40 s", "12 min", "3 h 20 min", "2 d". @param {number} ms */
export function span(ms) {
  if (ms < MINUTE) return `${Math.max(0, Math.round(ms / 1000))} s`;
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`;
  if (ms < DAY) {
    const minutes = Math.round((ms % HOUR) / MINUTE);
    return minutes === 0 ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / HOUR)} h ${minutes} min`;
  }
  return `${Math.round(ms / DAY)} d`;
}

/** @param {number} ms */
export const clockTime = (ms) => clock.format(ms);

/** @param {number} ms */
export const fullTime = (ms) => whole.format(ms);

/** The day of a moment as a heading: "Today", "Yesterday", "Monday, 3 March". @param {number} ms */
export function dayName(ms) {
  const start = new Date();
  start.setHours(0, 0, 0, 0);
  if (ms >= start.getTime()) return "Today";
  if (ms >= start.getTime() - DAY) return "Yesterday";
  return start.getTime() - ms < 200 * DAY ? weekday.format(ms) : year.format(ms);
}

/** A day's name for grouping. @param {number} ms */
export function dayKey(ms) {
  const date = new Date(ms);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

/** When somebody is back: "14:30", "tomorrow 9:00", "Mon 9:00". @param {number} ms */
export function until(ms) {
  const start = new Date();
  start.setHours(0, 0, 0, 0);
  const days = Math.floor((ms - start.getTime()) / DAY);
  if (days === 0) return clock.format(ms);
  if (days === 1) return `tomorrow ${clock.format(ms)}`;
  return `${day.format(ms)} ${clock.format(ms)}`;
}

/** Points in time that somebody may want to be reminded at. @param {Date} [now] @returns {{id: string, label: string, at: number}[]} */
export function snoozeChoices(now = new Date()) {
  const at = (/** @type {number} */ days, /** @type {number} */ hour) => {
    const date = new Date(now);
    date.setDate(date.getDate() + days);
    date.setHours(hour, 0, 0, 0);
    return date.getTime();
  };
  const choices = [
    { id: "20m", label: "In 20 minutes", at: now.getTime() + 20 * MINUTE },
    { id: "1h", label: "In an hour", at: now.getTime() + HOUR },
    { id: "3h", label: "In three hours", at: now.getTime() + 3 * HOUR },
    { id: "tomorrow", label: "Tomorrow morning", at: at(1, 9) },
    { id: "monday", label: "Next Monday", at: at(((8 - now.getDay()) % 7) || 7, 9) },
  ];
  return now.getDay() === 0 ? choices.filter(({ id }) => id !== "monday") : choices;
}
