/**
 * Files on their way to the server, above the text field: each with its picture, its progress, and what went wrong with it.
 *
 * In: files that were chosen, pasted or dropped. Out: `take()`, the files that a message takes along. Loaded with the first of them.
 */

import { draw, named } from "./attachments.js";
import { button, element } from "./element.js";
import { uuid } from "./outbox.js";
import { size, t } from "./words.js";

const PREVIEW_EDGE = 80;
const CLOSE = "×";

/** @typedef {{row: HTMLElement, ref: import("./types").FileRef|null, failed: boolean, stop: () => void}} Entry */

export class Uploads {
  #hooks;
  /** @type {Set<Entry>} */
  #entries = new Set();

  /**
   * @param {{list: HTMLElement, limits: {max_bytes: number, types: string[]}, identity: import("./identity.js").Identity,
   *   conversation: () => Promise<string>, changed: (state: {ready: number, busy: boolean}) => void, announce: (text: string) => void}} hooks
   */
  constructor(hooks) {
    this.#hooks = hooks;
  }

  /** @param {Iterable<File>} files */
  add(files) {
    for (const file of files) this.#begin(file);
    this.#changed();
  }

  /** The files that are there; they leave the list. */
  take() {
    const taken = [...this.#entries].filter(({ ref }) => ref);
    for (const entry of taken) this.#drop(entry);
    return taken.flatMap(({ ref }) => ref ?? []);
  }

  clear() {
    for (const entry of this.#entries) this.#drop(entry);
  }

  #begin(/** @type {File} */ file) {
    const id = uuid(); // the same when it is tried again: the server keeps it once
    const row = element("li", "file");
    const words = named(file.name, file.size);
    const bar = element("progress");
    const problem = element("span", "problem");
    problem.setAttribute("role", "alert");
    bar.max = 1;
    bar.setAttribute("aria-label", t("uploading", { name: file.name }));
    words.append(bar, problem);
    row.append(words);
    if (file.type.startsWith("image/")) {
      const canvas = element("canvas");
      draw(file, canvas, PREVIEW_EDGE).then(() => row.prepend(canvas), () => {});
    }
    /** @type {Entry} */
    const entry = { row, ref: null, failed: false, stop: () => {} };
    const again = button("link", t("retry"), () => start());
    const remove = button("icon", CLOSE, () => this.#drop(entry));
    remove.setAttribute("aria-label", t("remove", { name: file.name }));
    row.append(again, remove);
    this.#hooks.list.append(row);
    this.#entries.add(entry);

    const fail = (/** @type {string} */ text, canRetry = true) => {
      entry.failed = true;
      bar.hidden = true;
      again.hidden = !canRetry;
      problem.textContent = text;
      this.#changed();
    };
    const start = async () => {
      entry.failed = again.hidden = bar.hidden = false;
      again.hidden = true;
      problem.textContent = "";
      this.#changed();
      try {
        const conversation = await this.#hooks.conversation();
        entry.ref = await this.#send(file, id, conversation, entry, bar);
        bar.hidden = true;
        this.#hooks.announce(t("uploaded", { name: file.name }));
        this.#changed();
      } catch (error) {
        const said = error instanceof Refused ? error.message : "";
        fail(said || t("uploadFailed"), !said);
      }
    };
    const refusal = this.#refusalOf(file);
    if (refusal) fail(refusal, false);
    else start();
  }

  /** Said at once what the server would say after the whole way. */
  #refusalOf(/** @type {File} */ { name, type, size: bytes }) {
    const { max_bytes: most, types } = this.#hooks.limits;
    const ending = name.split(".").pop()?.toLowerCase().replace("jpg", "jpeg");
    if (!types.some((kind) => kind === type || kind.split("/").pop() === ending)) return t("kind");
    return bytes > most ? t("tooBig", { size: size(most) }) : "";
  }

  /** @param {File} file  @param {string} id  @param {string} conversation  @param {Entry} entry  @param {HTMLProgressElement} bar */
  async #send(file, id, conversation, entry, bar) {
    const { identity } = this.#hooks;
    const token = await identity.token();
    // fetch does not tell how much of a body has gone.
    const request = new XMLHttpRequest();
    const query = new URLSearchParams({ name: file.name, id });
    request.open("POST", `${identity.baseUrl}/v1/conversations/${encodeURIComponent(conversation)}/files?${query}`);
    request.setRequestHeader("authorization", `Bearer ${token}`);
    request.setRequestHeader("content-type", file.type || "application/octet-stream");
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => (bar.value = loaded / (total || 1)));
    entry.stop = () => request.abort();
    return new Promise((resolve, reject) => {
      request.addEventListener("loadend", () => {
        if (request.status >= 200 && request.status < 300) resolve(request.response);
        else reject(request.status >= 400 && request.status < 500 ? new Refused(request.response?.error?.message) : new Error("no answer"));
      });
      request.send(file);
    });
  }

  #drop(/** @type {Entry} */ entry) {
    entry.stop();
    entry.row.remove();
    this.#entries.delete(entry);
    this.#changed();
  }

  #changed() {
    const all = [...this.#entries];
    this.#hooks.list.hidden = all.length === 0;
    this.#hooks.changed({ ready: all.filter(({ ref }) => ref).length, busy: all.some(({ ref, failed }) => !ref && !failed) });
  }
}

/** The server will not have this file; trying again changes nothing. */
class Refused extends Error {}
