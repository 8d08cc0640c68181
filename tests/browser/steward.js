// Runs the real server over a data directory of its own, for the browser tests to talk to.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const PROGRAM = process.env.STEWARD_PROGRAM ?? join(ROOT, "target/release/steward");
/** The first start fetches models and builds the demo index. */
const START_LIMIT_MS = 300_000;

export class Steward {
  #data = mkdtempSync(join(tmpdir(), "steward-browser-"));
  #process = null;

  static async start() {
    const steward = new Steward();
    steward.port = await freePort();
    steward.url = `http://127.0.0.1:${steward.port}/`;
    await steward.run();
    return steward;
  }

  /** Starts the process, again after `kill` on the same port and data. */
  async run() {
    const flags = ["serve", "--listen", `127.0.0.1:${this.port}`, "--data-dir", this.#data];
    // Tests write faster than people do.
    const env = { ...process.env, STEWARD_LIMITS_MESSAGES_PER_MINUTE: "600", STEWARD_LIMITS_TOKENS_PER_MINUTE: "6000" };
    this.#process = spawn(PROGRAM, flags, { cwd: ROOT, env, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    this.#process.stderr.on("data", (text) => (said = (said + text).slice(-4000)));
    const deadline = Date.now() + START_LIMIT_MS;
    while (Date.now() < deadline) {
      if (this.#process.exitCode !== null) throw new Error(`steward serve ended:\n${said}`);
      const healthy = await fetch(`${this.url}v1/health`).then((r) => r.ok, () => false);
      if (healthy) return;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`steward serve did not answer in time:\n${said}`);
  }

  /** Ends the process at once, as a power cut would. */
  async kill() {
    const ended = new Promise((done) => this.#process.once("exit", done));
    this.#process.kill("SIGKILL");
    await ended;
  }

  async stop() {
    await this.kill();
    rmSync(this.#data, { recursive: true, force: true });
  }
}

function freePort() {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
