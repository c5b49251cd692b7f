// After Vite: what the server needs beside the page, the worker's list, compressed files, budgets.
import { createHash } from 'node:crypto'
import { copyFile, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { measure, needed, requireWithin } from './budgets.ts'

const PAGE = 'dist/page'
const COMPRESSED = /\.(m?js|css|html|svg|webmanifest)$/
const TOLD = 5 // of the budgets, those that are nearest to their end
const ENTRIES = ['index.html', 'offline.html', 'src/i18n/pt-BR/index.ts', 'src/i18n/en/index.ts']

await rename(join(PAGE, '.vite/manifest.json'), 'dist/chunks.json')
await copyFile('src/gql/persisted-documents.json', 'dist/documents.json')
const chunks = JSON.parse(await readFile('dist/chunks.json', 'utf8'))

/** The files of the page, by their paths in it. */
async function files() {
  const entries = await readdir(PAGE, { recursive: true, withFileTypes: true })
  const found = entries.filter(entry => entry.isFile())
  return found.map(entry => relative(PAGE, join(entry.parentPath, entry.name))).sort()
}

/** The worker keeps what every page begins with, and is another one whenever anything is. */
async function complete(worker) {
  const every = createHash('sha256')
  for (const file of await files()) every.update(file).update(await readFile(join(PAGE, file)))
  const kept = new Set(['/icon.svg'])
  for (const name of ENTRIES.flatMap(entry => [...needed(chunks, entry)])) {
    const { file, css = [] } = chunks[name]
    for (const each of [file, ...css]) kept.add(`/${each}`)
  }
  const told = { VERSION: every.digest('hex').slice(0, 16), KEPT: [...kept].sort() }
  const lines = Object.entries(told).map(([name, it]) => `const ${name} = ${JSON.stringify(it)};\n`)
  await writeFile(worker, lines.join('') + (await readFile(worker, 'utf8')))
}

await complete(join(PAGE, 'worker.js'))

const sizes = {}
for (const file of await files()) {
  const path = join(PAGE, file)
  const bytes = await readFile(path)
  sizes[file] = bytes.length
  if (!COMPRESSED.test(file)) continue
  const gzip = gzipSync(bytes, { level: 9 })
  sizes[file] = gzip.length
  await writeFile(`${path}.br`, brotliCompressSync(bytes))
  await writeFile(`${path}.gz`, gzip)
}

const measured = measure(chunks, sizes)
for (const { what, bytes, most } of measured.slice(0, TOLD)) {
  process.stdout.write(
    `${Math.round((100 * bytes) / most)} % of its budget: ${what}, ${bytes} bytes\n`,
  )
}
requireWithin(measured)

// At the end, for it says that all of it is there.
await copyFile('paths.json', 'dist/paths.json')
