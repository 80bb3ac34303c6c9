/**
 * Builds the page to `dist`: static files that run under a Content-Security-Policy without `unsafe-inline`, so nothing
 * is inlined into HTML or turned into `data:` URLs.
 *
 * The page is written against React and shipped with Preact, which answers to the same names: React alone is 69 kB
 * gzipped of the 90 that the first load may have, Preact 8, and a creator on a phone's hotspot waits for every one.
 */
import { defineConfig } from "vite";

export default defineConfig({
  resolve: {
    alias: [
      { find: /^react-dom\/client$/, replacement: "preact/compat/client" },
      { find: /^react-dom$/, replacement: "preact/compat" },
      { find: /^react\/(jsx-(?:dev-)?runtime)$/, replacement: "preact/$1" },
      { find: /^react$/, replacement: "preact/compat" },
    ],
  },
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: {
    host: "127.0.0.1",
    // `vite` beside a running `start`, for work on the page alone.
    proxy: { "/api": process.env.CLIPCAST_ORIGIN ?? "http://localhost:3000" },
  },
});
