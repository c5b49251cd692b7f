// After Vite: what the server needs beside the page, the compressed files, and the budget.
import { copyFile, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const PAGE = 'dist/page'
const FIRST_MOST = 200_000 // bytes of gzip: all scripts that are loaded before a route's own
const COMPRESSED = /\.(m?js|css|html|svg|webmanifest)$/

await rename(join(PAGE, '.vite/manifest.json'), 'dist/chunks.json')
await copyFile('src/gql/persisted-documents.json', 'dist/documents.json')

for (const entry of await readdir(PAGE, { recursive: true })) {
  if (!COMPRESSED.test(entry)) continue
  const file = join(PAGE, entry)
  const bytes = await readFile(file)
  await writeFile(`${file}.br`, brotliCompressSync(bytes))
  await writeFile(`${file}.gz`, gzipSync(bytes, { level: 9 }))
}

const chunks = JSON.parse(await readFile('dist/chunks.json', 'utf8'))

/** The chunk and all it cannot do without. */
function needed(name, found = new Set()) {
  if (!found.has(name)) {
    found.add(name)
    for (const each of chunks[name].imports ?? []) needed(each, found)
  }
  return found
}

let first = 0
for (const name of needed('index.html')) {
  first += (await stat(join(PAGE, `${chunks[name].file}.gz`))).size
}
if (first > FIRST_MOST) {
  throw new Error(
    `The first page has ${first} bytes of compressed script, more than ${FIRST_MOST}.`,
  )
}

// At the end, for it says that all of it is there.
await copyFile('paths.json', 'dist/paths.json')
