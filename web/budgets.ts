// How much a browser may have to fetch, in bytes as they are sent (gzip), and what goes beyond.

interface Chunk {
  file: string
  imports?: string[]
  dynamicImports?: string[]
  isDynamicEntry?: boolean
  css?: string[]
}

/** Vite's manifest. */
export type Chunks = Record<string, Chunk>

export interface Measured {
  what: string
  bytes: number
  most: number
}

const MOST = {
  first: 200_000, // all scripts that are loaded before a route's own
  later: 100_000, // what a route, or anything else that is loaded when it is wanted, adds to them
  style: 20_000, // a style sheet
  picture: 40_000,
  playground: 2_200_000, // GraphiQL with its editor, for those who build on the API
}

/** Kept libraries and tables that nobody loads who does not want them. */
const LARGER: Record<string, number> = {
  'src/consultation/chime.ts': 400_000, // amazon-chime-sdk-js
  'src/features/records/pdf/PdfViewer.tsx': 180_000, // PDF.js
  'playground.html': 400_000, // its style sheet, most of it one font of icons
}

const STYLE = /\.css$/
const PICTURE = /\.(png|svg|jpg|webp|avif|ico)$/

/** The chunk and all it cannot do without. */
export function needed(chunks: Chunks, name: string, found = new Set<string>()): Set<string> {
  if (!found.has(name)) {
    found.add(name)
    for (const each of chunks[name]?.imports ?? []) needed(chunks, each, found)
  }
  return found
}

/** What the chunk may load besides, at once or later. */
function reachable(chunks: Chunks, name: string, found = new Set<string>()): Set<string> {
  if (!found.has(name)) {
    found.add(name)
    const { imports = [], dynamicImports = [] } = chunks[name] ?? {}
    for (const each of [...imports, ...dynamicImports]) reachable(chunks, each, found)
  }
  return found
}

/** All that has a budget, the fullest first. `sizes`: bytes by the path of each file. */
export function measure(chunks: Chunks, sizes: Record<string, number>): Measured[] {
  const first = needed(chunks, 'index.html')
  const size = (name: string) => sizes[chunks[name]?.file ?? ''] ?? 0
  const sum = (names: string[]) => names.reduce((bytes, name) => bytes + size(name), 0)
  const later = [...reachable(chunks, 'index.html')].filter(name => chunks[name]?.isDynamicEntry)
  const playground = [...needed(chunks, 'playground.html')]
  const measured = [
    { what: 'the first page', bytes: sum([...first]), most: MOST.first },
    { what: 'the playground', bytes: sum(playground), most: MOST.playground },
    ...later.map(name => ({
      what: name,
      bytes: sum([...needed(chunks, name)].filter(each => !first.has(each))),
      most: LARGER[name] ?? MOST.later,
    })),
  ]
  const styles = new Map<string, number>()
  for (const [name, { css = [] }] of Object.entries(chunks)) {
    for (const file of css) styles.set(file, LARGER[name] ?? styles.get(file) ?? MOST.style)
  }
  for (const [file, bytes] of Object.entries(sizes)) {
    if (STYLE.test(file)) measured.push({ what: file, bytes, most: styles.get(file) ?? MOST.style })
    if (PICTURE.test(file)) measured.push({ what: file, bytes, most: MOST.picture })
  }
  return measured.sort((one, other) => other.bytes / other.most - one.bytes / one.most)
}

/** Raises an error that names all that is too big. */
export function requireWithin(measured: readonly Measured[]): void {
  const over = measured.filter(({ bytes, most }) => bytes > most)
  if (over.length === 0) return
  const told = over.map(({ what, bytes, most }) => `  ${what}: ${bytes} bytes, more than ${most}`)
  throw new Error(`Too big for a phone on an old line (budgets.mjs):\n${told.join('\n')}`)
}
