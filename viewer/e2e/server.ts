// A real server on free ports with a folder of its own; it can be stopped and come back on the same ports.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PROGRAM = process.env.SPILE_SERVER;

export class Server {
  private constructor(
    private child: ChildProcess,
    private readonly data: string,
    private readonly settings: readonly string[],
    /** Where it listens, as `host:port`. */
    readonly address: string,
    readonly admin: string,
  ) {}

  get url(): string {
    return `http://${this.address}`;
  }

  static async start(settings: readonly string[] = []): Promise<Server> {
    const data = mkdtempSync(join(tmpdir(), "spile-viewer-"));
    const { child, main, admin } = await launch(data, "127.0.0.1:0", "127.0.0.1:0", settings);
    return new Server(child, data, settings, main, admin);
  }

  /** Comes back with the same data on the same ports. */
  async restart(): Promise<void> {
    await this.stop();
    await this.resume();
  }

  async resume(): Promise<void> {
    const { child } = await launch(this.data, this.address, this.admin, this.settings);
    this.child = child;
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => this.child.once("exit", () => resolve()));
    this.child.kill(signal);
    await ended;
  }

  async close(): Promise<void> {
    await this.stop("SIGKILL");
    rmSync(this.data, { recursive: true, force: true });
  }

  /** The sum of a metric's series. */
  async metric(name: string, labels = ""): Promise<number> {
    const text = await (await fetch(`http://${this.admin}/metrics`)).text();
    const lines = text.split("\n").filter((line) => /^[a-z_]+/u.exec(line)?.[0] === name && line.includes(labels));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
  }
}

interface Launched {
  child: ChildProcess;
  main: string;
  admin: string;
}

async function launch(data: string, main: string, admin: string, settings: readonly string[]): Promise<Launched> {
  if (PROGRAM === undefined) throw new Error("SPILE_SERVER names no program; `cargo xtask test viewer` sets it");
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SPILE_")));
  const arguments_ = ["--listen", main, "--admin-listen", admin, "--data-dir", data, "--log-format", "json", ...settings];
  const child = spawn(PROGRAM, arguments_, { env, stdio: ["ignore", "ignore", "pipe"] });
  const log: string[] = [];
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}\n${log.join("\n")}`)));
    createInterface({ input: child.stderr! }).on("line", (line) => {
      log.push(line);
      if (log.length > 40) log.shift();
      const record = parse(line);
      if (record?.message === "listening") resolve({ child, main: record.main, admin: record.admin });
    });
  });
}

function parse(line: string): { message: string; main: string; admin: string } | null {
  try {
    return JSON.parse(line) as { message: string; main: string; admin: string };
  } catch {
    return null;
  }
}
