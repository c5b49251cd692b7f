import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { pdfjs } from './pdfjs.mjs'
import { handedOn, working } from './working.ts'

const SERVER = process.env.HEALTHMED_URL ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react(), pdfjs(), working()],
  define: { global: 'globalThis' }, // Chime's library is written for Node's names
  build: {
    outDir: 'dist/page',
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0, // what is inline is not allowed by the page's policy
    target: 'es2023',
    chunkSizeWarningLimit: 4_000, // kB: GraphiQL's editor; of the first page finish.mjs has a budget
    rolldownOptions: {
      input: ['index.html', 'offline.html', 'playground.html', 'src/installed/worker.ts'],
      output: {
        // The worker has one name for good: by it a browser finds out that there is a newer one.
        entryFileNames: ({ name }) => (name === 'worker' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
      // Words to React's compiler, in what GraphiQL brings along.
      onwarn: (warning, warn) => warning.code !== 'MODULE_LEVEL_DIRECTIVE' && warn(warning),
    },
  },
  server: { proxy: handedOn(SERVER) },
  // Its imports end in `?worker`, which is for Vite alone: what bundles dependencies falls over them.
  optimizeDeps: { exclude: ['graphiql/setup-workers/vite', '@graphiql/react/setup-workers/vite'] },
  test: {
    environment: 'jsdom',
    pool: 'vmThreads', // each file has a page of its own; what makes it is loaded once
    include: ['tests/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
})
