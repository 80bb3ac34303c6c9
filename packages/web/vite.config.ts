/**
 * Builds the page to `dist`: static files that run under a Content-Security-Policy without `unsafe-inline`, so nothing
 * is inlined into HTML or turned into `data:` URLs.
 */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: {
    host: "127.0.0.1",
    // `vite` beside a running `start`, for work on the page alone.
    proxy: { "/api": process.env.CLIPCAST_ORIGIN ?? "http://localhost:3000" },
  },
});
