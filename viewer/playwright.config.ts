// End-to-end tests: the machine's own Chromium against a real server. No browser is downloaded.
import { defineConfig } from "@playwright/test";

export const CHROMIUM = {
  executablePath: process.env.SPILE_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-smooth-scrolling",
    "--enable-precise-memory-info",
    "--js-flags=--expose-gc",
  ],
};

export default defineConfig({
  testDir: "e2e",
  testMatch: "*.spec.ts",
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: process.env.SPILE_TAP === undefined ? "list" : "./e2e/tap.ts",
  outputDir: process.env.SPILE_RESULTS ?? "test-results",
  use: {
    browserName: "chromium",
    launchOptions: CHROMIUM,
    viewport: { width: 1280, height: 800 },
    timezoneId: "Europe/Berlin",
    locale: "en-GB",
    screenshot: "only-on-failure",
  },
});
