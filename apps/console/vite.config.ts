import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

const api = process.env.LIGHTFLUS_URL ?? 'http://127.0.0.1:4400'

export default defineConfig({
  plugins: [react()],
  // Libraries of this repository are taken from their sources, so that the console needs none of them built.
  resolve: { conditions: ['@lf/source', ...defaultClientConditions] },
  server: { host: '127.0.0.1', port: 4401, proxy: { '/api': { target: api, changeOrigin: false } } },
  build: {
    target: 'es2023',
    // No data: URLs: the control plane's content security policy lets nothing in but files of this folder.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 600,
  },
})
