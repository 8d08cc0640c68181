/**
 * Notices when the line may have died unseen: the machine slept, the page came back from the cache or into sight.
 */

const TICK_MS = 10_000;
const ASLEEP_MS = 30_000; // a tick so late was no busy page; servers ping more seldom than that

/** @param {(slept: boolean) => void} wake  @param {AbortSignal} signal ends the watch */
export function watchForWaking(wake, signal) {
  let last = Date.now();
  const look = () => {
    const slept = Date.now() - last > TICK_MS + ASLEEP_MS;
    last = Date.now();
    return slept;
  };
  // Hidden pages tick once a minute at most: only a page in sight says that the machine slept.
  const timer = setInterval(() => document.hidden || (look() && wake(true)), TICK_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
  addEventListener("online", () => wake(false), { signal });
  addEventListener("pageshow", ({ persisted }) => persisted && wake(true), { signal });
  document.addEventListener("visibilitychange", () => document.hidden || wake(look()), { signal });
}
