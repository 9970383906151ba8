// How the viewer is built: one script, one stylesheet, two fonts; names carry a hash, so that they can be cached for ever.
import { defineConfig } from "vitest/config";

const SERVER = process.env.SPILE_ADDR ?? "127.0.0.1:50051";

const PROXY = Object.fromEntries(["/spile.v1.", "/v1/"].map((prefix) => [prefix, `http://${SERVER}`]));
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export default defineConfig({
  base: "/",
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  // `npm run dev`: the page from here, the data from a running server.
  server: { proxy: PROXY },
  // `npm run preview`: what was built, under the policy that the server sets.
  preview: { proxy: PROXY, headers: { "Content-Security-Policy": POLICY } },
  test: { include: ["src/**/*.test.ts"], reporters: process.env.SPILE_TAP ? ["tap-flat"] : ["default"] },
});
