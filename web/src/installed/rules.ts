// What the worker answers by itself, and what it leaves to the network.

export type Way =
  | 'kept' // a file of the shell: what is under its name never changes
  | 'page' // the network's; without one, the page that says so
  | 'network' // not ours to touch

/** Of a request to `url`. `kept`: paths of the files that were fetched beforehand. Whatever is not
 * among them goes by as if there were no worker: all that is personal does. */
export function wayOf(
  { method, mode, url }: { method: string; mode: string; url: string },
  origin: string,
  kept: ReadonlySet<string>,
): Way {
  if (method !== 'GET') return 'network'
  const at = new URL(url)
  if (at.origin !== origin) return 'network'
  if (mode === 'navigate') return 'page'
  return at.search === '' && kept.has(at.pathname) ? 'kept' : 'network'
}
