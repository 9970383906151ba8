// The long measurements: `npm run bench`.
import { defineConfig } from "@playwright/test";
import base from "./playwright.config";

export default defineConfig(base, { testMatch: "*.bench.ts", timeout: 20 * 60_000, reporter: "list" });
