/**
 * The API, as the desk asks it: JSON in and out, the session's token for changes, faults as `ApiError`, and streams.
 *
 *   await get("/v1/desk/conversations", { state: "open" })
 *   await post(`/v1/conversations/${id}/tags`, { tags })       put, patch, del alike
 *   for await (const event of lines("/v1/conversations/…/suggestions", {})) …     newline-delimited JSON, as it comes
 *   const stop = events("/v1/desk/events", { conversation: (entry) => … }, (state) => …)
 *
 * When the session has ended, `onSignedOut` is called, once, and the request fails with status 401.
 */

/** A request that was not done: why, in words for the person who can mend it. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {{code?: string, status?: number, retryAfterMs?: number|null, requestId?: string|null}} [detail]
   */
  constructor(message, { code = "internal", status = 0, retryAfterMs = null, requestId = null } = {}) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.requestId = requestId;
  }
}

const TIMEOUT_MS = 30_000;
let csrfToken = "";
let signedOut = () => {};

/** @param {string} token the session's, for changes */
export function useCsrf(token) {
  csrfToken = token;
}

/** @param {() => void} run what to do when the session has ended */
export function onSignedOut(run) {
  signedOut = run;
}

/** @typedef {{signal?: AbortSignal, timeoutMs?: number, quiet401?: boolean, keepalive?: boolean, body?: unknown, raw?: BodyInit, type?: string}} Options */

/**
 * @param {string} method
 * @param {string} path
 * @param {Options} options
 * @returns {Promise<Response>} a success
 */
async function request(method, path, { signal, timeoutMs = TIMEOUT_MS, quiet401 = false, keepalive = false, body, raw, type }) {
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json" };
  if (method !== "GET") headers["x-steward-csrf"] = csrfToken;
  if (body !== undefined) headers["content-type"] = "application/json";
  else if (type !== undefined) headers["content-type"] = type;
  const late = timeoutMs > 0 ? AbortSignal.timeout(timeoutMs) : undefined;
  const ends = [signal, late].filter((each) => each !== undefined);
  let response;
  try {
    response = await fetch(path, {
      method, headers, keepalive, credentials: "same-origin", cache: "no-store", signal: ends.length > 0 ? AbortSignal.any(ends) : null,
      body: body === undefined ? raw ?? null : JSON.stringify(body),
    });
  } catch (problem) {
    if (signal?.aborted) throw problem;
    if (late?.aborted) throw new ApiError("The server did not answer in time. Try again in a moment.", { code: "timeout" });
    throw new ApiError("The server cannot be reached. Check your connection; the desk tries again by itself.", { code: "offline" });
  }
  if (response.ok) return response;
  if (response.status === 401 && !quiet401) signedOut();
  throw await fault(response);
}

/** @param {Response} response */
async function fault(response) {
  /** @type {any} */
  let detail = null;
  try {
    detail = (await response.json())?.error;
  } catch {
    // Not JSON: a proxy in between.
  }
  const message = typeof detail?.message === "string" ? detail.message : `The server answered ${response.status} ${response.statusText}.`;
  const code = typeof detail?.code === "string" ? detail.code : "internal";
  return new ApiError(message, { code, status: response.status, retryAfterMs: detail?.retry_after_ms ?? null, requestId: detail?.request_id ?? null });
}

/** @param {Response} response @returns {Promise<any>} */
async function json(response) {
  if (response.status === 204 || response.headers.get("content-length") === "0") return null;
  const text = await response.text();
  return text === "" ? null : JSON.parse(text);
}

/**
 * @param {string} path
 * @param {Record<string, string|number|boolean|null|undefined>} [query] null, undefined and "" are left out
 */
export function address(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
  return text === "" ? path : `${path}?${text}`;
}

/**
 * @param {string} path
 * @param {Record<string, string|number|boolean|null|undefined>} [query]
 * @param {Options} [options]
 */
export const get = async (path, query = {}, options = {}) => json(await request("GET", address(path, query), options));

/** @param {string} path @param {unknown} [body] @param {Options} [options] */
export const post = async (path, body = undefined, options = {}) => json(await request("POST", path, { ...options, body }));

/** @param {string} path @param {unknown} [body] @param {Options} [options] */
export const put = async (path, body = undefined, options = {}) => json(await request("PUT", path, { ...options, body }));

/** @param {string} path @param {unknown} [body] @param {Options} [options] */
export const patch = async (path, body = undefined, options = {}) => json(await request("PATCH", path, { ...options, body }));

/** @param {string} path @param {Options} [options] */
export const del = async (path, options = {}) => json(await request("DELETE", path, options));

/**
 * Sends bytes as they are, such as a file.
 * @param {string} path @param {Blob} blob @param {Options} [options]
 */
export const upload = async (path, blob, options = {}) =>
  json(await request("POST", path, { timeoutMs: 120_000, ...options, raw: blob, type: blob.type || "application/octet-stream" }));

/**
 * The objects of newline-delimited JSON, each as it comes.
 * @param {string} path @param {unknown} body @param {Options} [options]
 * @returns {AsyncGenerator<any>}
 */
export async function* lines(path, body, options = {}) {
  const response = await request("POST", path, { timeoutMs: 0, ...options, body });
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const parts = (rest + value).split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) if (part.trim() !== "") yield JSON.parse(part);
    }
    if (rest.trim() !== "") yield JSON.parse(rest);
  } finally {
    await reader.cancel().catch(() => {});
  }
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 20_000;
const SILENCE_MS = 60_000;
const LOOK_MS = 5_000;

/**
 * Server-sent events for as long as the page wants them: connects again after every end, also after the machine slept.
 * @param {string} path
 * @param {Record<string, (data: any) => void>} handlers by the event's name
 * @param {(state: "open"|"lost") => void} onState open: from now on nothing is missed; what was before must be asked for
 * @returns {() => void} ends it
 */
export function events(path, handlers, onState) {
  /** @type {EventSource|null} */
  let source = null;
  let timer = 0;
  let failures = 0;
  let heardAt = Date.now();
  let isEnded = false;

  const connect = () => {
    source?.close();
    if (isEnded) return;
    heardAt = Date.now();
    const mine = new EventSource(path);
    source = mine;
    mine.onopen = () => {
      failures = 0;
      heardAt = Date.now();
      onState("open");
    };
    mine.onerror = () => source === mine && lost();
    for (const [name, run] of Object.entries(/** @type {Record<string, (data: any) => void>} */ ({ ping: () => {}, ...handlers }))) {
      mine.addEventListener(name, (event) => {
        heardAt = Date.now();
        run(event.data === "" ? null : JSON.parse(event.data));
      });
    }
  };
  const lost = () => {
    source?.close();
    source = null;
    onState("lost");
    clearTimeout(timer);
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures) * (0.5 + Math.random() / 2);
    failures += 1;
    timer = window.setTimeout(async () => {
      // An event source does not say why it was refused; a plain request does.
      await get("/v1/team/session", {}).then((session) => useCsrf(session.csrf_token), () => {});
      connect();
    }, wait);
  };
  // A laptop that slept has a dead line that nothing reports: silence says so.
  const watch = window.setInterval(() => {
    if (source !== null && Date.now() - heardAt > SILENCE_MS) lost();
  }, LOOK_MS);
  const wake = () => {
    if (document.visibilityState !== "visible" || isEnded) return;
    if (source === null || source.readyState === EventSource.CLOSED || Date.now() - heardAt > SILENCE_MS / 2) {
      clearTimeout(timer);
      failures = 0;
      connect();
    }
  };
  window.addEventListener("online", wake);
  document.addEventListener("visibilitychange", wake);
  connect();
  return () => {
    isEnded = true;
    source?.close();
    clearTimeout(timer);
    clearInterval(watch);
    window.removeEventListener("online", wake);
    document.removeEventListener("visibilitychange", wake);
  };
}
