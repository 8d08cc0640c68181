/**
 * The real server: `steward serve` on a free port, over a data directory of its own that goes when the tests end.
 *
 * The first data directory imports the demo shop, as a first start does; the others begin with a copy of its index,
 * and so start at once.
 */

import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
const PROGRAM = process.env.STEWARD_PROGRAM ?? join(REPOSITORY, "target/release/steward");
const START_LIMIT_MS = 180_000; // the first start embeds every article
const STOP_LIMIT_MS = 10_000;
/** What members sign in with who are made here. */
export const PASSWORD = "five quiet otters by the mill";
const SHOP = ["index", "demo-shop"]; // what an import leaves in a data directory

// Whatever ends the tests ends the servers and takes their data along.
const servers = new Set();
process.once("exit", () => servers.forEach((server) => server.abandon()));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

export class Server {
  #settings;
  #data;
  #process = null;
  #exited = null;
  #output = "";

  /** @param {Record<string, string|number>} settings by their environment name, as SERVER_MAX_MESSAGE_CHARS */
  constructor(settings = {}) {
    this.#settings = settings;
    this.url = null;
  }

  /** Start; after a stop or a kill, on the same port and data. Settings that are given replace those before. */
  async start(settings = this.#settings) {
    this.#settings = settings;
    this.#data ??= await mkdtemp(join(tmpdir(), "steward-browser-"));
    const variables = Object.entries(settings).map(([name, value]) => [`STEWARD_${name}`, String(value)]);
    const address = this.url === null ? "127.0.0.1:0" : new URL(this.url).host;
    this.#output = "";
    this.#process = spawn(PROGRAM, ["--data-dir", this.#data, "serve", "--listen", address], {
      cwd: REPOSITORY,
      env: { ...process.env, ...Object.fromEntries(variables) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#exited = new Promise((resolve) => this.#process.once("exit", resolve));
    servers.add(this);
    this.url = await this.#listening();
    const health = await fetch(`${this.url}/v1/health`);
    if (!health.ok) throw new Error(`the server is not healthy: ${await health.text()}\n${this.#output}`);
    return this;
  }

  /** Its data directory. */
  get directory() {
    return this.#data;
  }

  /** Somebody who can sign in to the desk. */
  async member(name, role = "agent", password = PASSWORD) {
    const adding = spawn(PROGRAM, ["--data-dir", this.#data, "team", "add", name, "--role", role, "--password-stdin"], { cwd: REPOSITORY, stdio: ["pipe", "ignore", "pipe"] });
    let said = "";
    adding.stderr.setEncoding("utf8").on("data", (piece) => (said += piece));
    adding.stdin.end(password);
    const code = await new Promise((resolve) => adding.once("exit", resolve));
    if (code !== 0) throw new Error(`${name} was not added: ${said}`);
  }

  /** A further server over the same shop, with conversations of its own. */
  async beside(settings = {}) {
    const server = new Server(settings);
    server.#data = await mkdtemp(join(tmpdir(), "steward-browser-"));
    for (const name of SHOP) await cp(join(this.#data, name), join(server.#data, name), { recursive: true });
    return server.start();
  }

  /** End it as Ctrl-C does. */
  stop() {
    return this.#end("SIGTERM");
  }

  /** End it as a power cut does. */
  kill() {
    return this.#end("SIGKILL");
  }

  /** While it is stopped: every conversation is gone, every token is still good. */
  async forgetConversations() {
    const files = ["conversations.sqlite", "conversations.sqlite-shm", "conversations.sqlite-wal"];
    for (const name of files) await rm(join(this.#data, name), { force: true });
  }

  async remove() {
    await this.stop();
    await rm(this.#data, { recursive: true, force: true });
    servers.delete(this);
  }

  /** The end of the process waits for nothing. */
  abandon() {
    this.#process?.kill("SIGKILL");
    rmSync(this.#data, { recursive: true, force: true });
  }

  async #end(signal) {
    if (this.#process === null) return;
    this.#process.kill(signal);
    const late = setTimeout(() => this.#process.kill("SIGKILL"), STOP_LIMIT_MS);
    await this.#exited;
    clearTimeout(late);
    this.#process = null;
  }

  #listening() {
    return new Promise((resolve, reject) => {
      const fail = (reason) => {
        clearTimeout(late);
        reject(new Error(`${PROGRAM} did not start: ${reason}\n${this.#output}`));
      };
      const late = setTimeout(() => fail(`nothing after ${START_LIMIT_MS} ms`), START_LIMIT_MS);
      const read = (piece) => {
        this.#output += piece;
        const [, address] = /listens on (http:\/\/[\d.:]+)/.exec(this.#output) ?? [];
        if (address === undefined) return;
        clearTimeout(late);
        resolve(address);
      };
      this.#process.stdout.setEncoding("utf8").on("data", read);
      this.#process.stderr.setEncoding("utf8").on("data", read);
      this.#process.once("error", (error) => fail(error.message));
      this.#process.once("exit", (code) => fail(`it ended with ${code}`));
    });
  }
}
