// What PDF.js reads when a document needs it: fonts that every viewer has to have, decoders of scans,
// a colour profile. Beside the page's own files, under the version that wants them.
import { createReadStream } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import packaged from 'pdfjs-dist/package.json' with { type: 'json' }

const FROM = new URL('node_modules/pdfjs-dist/', import.meta.url).pathname
const WANTED = /^(standard_fonts|wasm|iccs)\/(?!quickjs)[^/]+$/
const UNDER = `assets/pdfjs-${packaged.version}`

export const pdfjs = () => ({
  name: 'pdfjs',
  async generateBundle() {
    for (const path of await readdir(FROM, { recursive: true })) {
      if (!WANTED.test(path)) continue
      const source = await readFile(join(FROM, path))
      this.emitFile({ type: 'asset', fileName: `${UNDER}/${path}`, source })
    }
  },
  configureServer({ middlewares }) {
    middlewares.use(`/${UNDER}`, ({ url }, answer, next) => {
      const path = url.slice(1)
      if (!WANTED.test(path)) return next()
      if (path.endsWith('.wasm')) answer.setHeader('content-type', 'application/wasm')
      createReadStream(join(FROM, path)).pipe(answer)
    })
  },
})
