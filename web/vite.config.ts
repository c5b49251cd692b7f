import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const SERVER = process.env.HEALTHMED_URL ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist/page',
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0, // what is inline is not allowed by the page's policy
    target: 'es2023',
  },
  server: { proxy: { '/graphql': { target: SERVER, ws: true, changeOrigin: true } } },
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
})
