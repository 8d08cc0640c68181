/**
 * Waits for a condition in place of a time.
 */

const LOOK_AGAIN_MS = 40;
export const PATIENCE_MS = 60_000; // for a machine with much else to do

/** Wait until `holds()` is true. If it never is, `what` says what was waited for; its last error is the cause. */
export async function until(holds, what, limitMs = PATIENCE_MS) {
  const end = Date.now() + limitMs;
  let cause;
  do {
    try {
      if (await holds()) return;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  } while (Date.now() < end);
  throw new Error(`waited ${limitMs} ms in vain until ${what}`, { cause });
}
