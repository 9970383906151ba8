// What every test has: a server, a stream of its own, and a page that may not break its policy nor throw.
import { test as base, expect, type Locator, type Page } from "@playwright/test";
import { Appender } from "./appender";
import { Server } from "./server";

let streams = 0;

interface Own {
  /** A name that no other test has. */
  stream: string;
  appender: Appender;
  viewer: Viewer;
}

interface Shared {
  server: Server;
}

/** The page as the tests see it. */
export class Viewer {
  constructor(
    readonly page: Page,
    private readonly server: Server,
    private readonly stream: string,
  ) {}

  async open(query: Record<string, string> = {}): Promise<void> {
    const search = new URLSearchParams({ stream: this.stream, ...query });
    await this.page.goto(`${this.server.url}/?${search.toString()}`);
  }

  get list() {
    return this.page.getByRole("feed", { name: "Log lines" });
  }

  get lines() {
    return this.list.locator(".line");
  }

  line(text: string | RegExp) {
    return this.lines.filter({ hasText: text });
  }

  get state() {
    return this.page.locator(".state");
  }

  get search() {
    return this.page.getByRole("textbox", { name: "Filter expression" });
  }

  async filter(expression: string): Promise<void> {
    await this.search.fill(expression);
    await this.search.press("Enter");
  }

  /** The offsets of the lines that are drawn, as they stand. */
  async offsets(): Promise<number[]> {
    return this.list.locator(".entry").evaluateAll((entries) => entries.map((entry) => Number((entry as HTMLElement).dataset["offset"])));
  }

  /** Scrolls under the pointer, and waits until that is drawn. */
  async wheel(by: number): Promise<void> {
    await this.page.mouse.wheel(0, by);
    await drawn(this.page);
  }

  /** Scrolls until something is in view. */
  async scrollUntil(sought: Locator, by: number): Promise<void> {
    for (let turn = 0; turn < 500; turn += 1) {
      await this.wheel(by);
      const [inside, box] = [await this.list.boundingBox(), (await sought.count()) > 0 ? await sought.boundingBox() : null];
      if (inside !== null && box !== null && box.y >= inside.y && box.y + box.height <= inside.y + inside.height) return;
    }
    throw new Error("it did not come into view");
  }

  query(name: string): string | null {
    return new URL(this.page.url()).searchParams.get(name);
  }
}

export const test = base.extend<Own, Shared>({
  server: [
    async ({}, use) => {
      const server = await Server.start(["--jaeger-url", "http://jaeger.test:16686"]);
      await use(server);
      await server.close();
    },
    { scope: "worker" },
  ],
  stream: async ({}, use) => {
    streams += 1;
    await use(`test-${streams}`);
  },
  appender: async ({ server, stream }, use) => {
    const appender = new Appender(server.address, stream);
    await use(appender);
    appender.close();
  },
  viewer: async ({ page, server, stream }, use) => {
    const wrong: string[] = [];
    page.on("pageerror", (error) => wrong.push(`thrown: ${error.stack ?? error.message}`));
    page.on("console", (message) => {
      // A server that is gone is a refused connection, which is what some tests are about.
      if (message.type() === "error" && !message.text().includes("net::ERR_")) wrong.push(`console: ${message.text()}`);
    });
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (violation) => {
        console.error(`policy: ${violation.violatedDirective} ${violation.blockedURI} ${violation.sample}`);
      });
    });
    await use(new Viewer(page, server, stream));
    expect(wrong).toEqual([]);
  },
});

export { expect };

/** `count` bodies, each with its number. */
export function numbered(count: number, from = 0, text = "line"): string[] {
  return Array.from({ length: count }, (_, index) => `${text} ${from + index} of the log`);
}

/** In batches, so that no request is too large. */
export async function fill(appender: Appender, count: number, text = "line", severity = 9): Promise<void> {
  for (let from = 0; from < count; from += 5_000) {
    await appender.lines(numbered(Math.min(5_000, count - from), from, text), "shop", severity);
  }
}

/** Two frames on: what was asked for before is on the screen. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}
