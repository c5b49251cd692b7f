// For work on the page with Vite's own server: types of operations that follow what is written, and
// the addresses that are the API's.
import { spawn } from 'node:child_process'
import type { Plugin, ProxyOptions } from 'vite'

const SETTLED_AFTER = 200 // milliseconds without another change
const GENERATED = '/src/gql/'

/** What is not the page's, handed on to the server. */
export function handedOn(server: string): Record<string, ProxyOptions> {
  const paths = ['/graphql', '/map.json', '/oauth', '/.well-known', '/calendar', '/documents']
  return Object.fromEntries(
    paths.map(path => [path, { target: server, ws: path === '/graphql', changeOrigin: true }]),
  )
}

export function working(): Plugin {
  return {
    name: 'working',
    apply: (_, { mode }) => mode === 'development',
    async configureServer(server) {
      await generate()
      let settling: ReturnType<typeof setTimeout> | undefined
      server.watcher.on('all', (_, path) => {
        if (!/\.(tsx?|graphql)$/.test(path) || path.includes(GENERATED)) return
        clearTimeout(settling)
        settling = setTimeout(generate, SETTLED_AFTER)
      })
      server.watcher.add('../schema.graphql')
      server.middlewares.use((request, _, next) => {
        if (request.url?.split('?')[0] === '/playground') request.url = '/playground.html'
        next()
      })
    },
  }
}

/** What is wrong with an operation is said in the terminal; the page goes on with the one before. */
function generate(): Promise<void> {
  const generating = spawn('npm', ['run', '--silent', 'generate'], { stdio: 'inherit' })
  return new Promise(done => generating.on('close', () => done()))
}
