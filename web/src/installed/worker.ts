// The service worker: keeps the files of the shell, and a page for when there is no line. It never
// keeps an answer of the server's: what it has was fetched by itself, when it was installed.
import { wayOf } from './rules'

// Put before this by finish.mjs, which knows what was built.
declare const VERSION: string
declare const KEPT: readonly string[]
declare const self: ServiceWorkerGlobalScope

const OFFLINE = '/offline.html'
const cacheOf = (version: string) => `shell ${version}`
const kept = new Set(KEPT)

self.addEventListener('install', event => event.waitUntil(fill()))
self.addEventListener('activate', event => event.waitUntil(begin()))
self.addEventListener('message', ({ data }) => {
  if (data === 'take over') void self.skipWaiting()
})
self.addEventListener('fetch', event => {
  const way = wayOf(event.request, self.location.origin, kept)
  if (way === 'page') event.respondWith(page(event.request))
  if (way === 'kept') event.respondWith(file(event.request))
})

async function fill(): Promise<void> {
  const cache = await caches.open(cacheOf(VERSION))
  await cache.addAll([...KEPT, OFFLINE].map(path => new Request(path, { cache: 'no-cache' })))
}

async function begin(): Promise<void> {
  const names = await caches.keys()
  const old = names.filter(name => name !== cacheOf(VERSION))
  await Promise.all(old.map(name => caches.delete(name)))
  await self.clients.claim()
}

async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (fault) {
    const offline = await caches.match(OFFLINE)
    if (offline === undefined) throw fault
    return offline
  }
}

async function file(request: Request): Promise<Response> {
  return (await caches.match(request.url)) ?? fetch(request)
}
