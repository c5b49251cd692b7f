import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { pdfjs } from './pdfjs.mjs'

const SERVER = process.env.HEALTHMED_URL ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react(), pdfjs()],
  build: {
    outDir: 'dist/page',
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0, // what is inline is not allowed by the page's policy
    target: 'es2023',
    chunkSizeWarningLimit: 4_000, // kB: GraphiQL's editor; of the first page finish.mjs has a budget
    rolldownOptions: {
      input: ['index.html', 'playground.html'],
      // Words to React's compiler, in what GraphiQL brings along.
      onwarn: (warning, warn) => warning.code !== 'MODULE_LEVEL_DIRECTIVE' && warn(warning),
    },
  },
  server: {
    proxy: {
      '/graphql': { target: SERVER, ws: true, changeOrigin: true },
      '/map.json': { target: SERVER, changeOrigin: true },
      '/oauth': { target: SERVER, changeOrigin: true },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
})
