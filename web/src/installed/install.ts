// What the page does about its worker and its version as soon as it is there.
import { keepLooking, shouldLoadAnew, Version } from './version'

export const version =
  'serviceWorker' in navigator
    ? new Version(navigator.serviceWorker, () => location.reload())
    : null

/** Not where Vite serves the page while it is worked on: there is no worker there. */
export function install(): void {
  window.addEventListener('vite:preloadError', async () => {
    if (await shouldLoadAnew(sessionStorage, answers)) location.reload()
  })
  if (!import.meta.env.PROD) return
  version?.register('/worker.js').then(keepLooking, () => undefined)
}

async function answers(): Promise<boolean> {
  const answer = await fetch('/', { method: 'HEAD' }).catch(() => null)
  return answer?.ok ?? false
}
