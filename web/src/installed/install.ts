// What the page does about its worker and its version as soon as it is there.
import { answers } from './answers'
import { shouldLoadAnew, Version } from './version'

const LOOK_EVERY = 30 * 60_000 // milliseconds

export const version =
  'serviceWorker' in navigator
    ? new Version(navigator.serviceWorker, () => location.reload())
    : null

/** Not where Vite serves the page while it is worked on: there is no worker there. */
export function install(): void {
  window.addEventListener('vite:preloadError', async () => {
    if (await shouldLoadAnew(sessionStorage, answers)) location.reload()
  })
  if (!import.meta.env.PROD || version === null) return
  version.register('/worker.js').catch(() => undefined)
  setInterval(version.look, LOOK_EVERY)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') version.look()
  })
}
