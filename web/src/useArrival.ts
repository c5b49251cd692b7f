import { type RefObject, useEffect, useRef } from 'react'
import { useLocation, useNavigationType } from 'react-router'

/** Whoever comes to another page is led to its heading, which a screen reader then reads; and to
 * its top, but on the way back, when the browser knows where he was. `who`: of whom the pages are,
 * since for another person the same address is another page. */
export function useArrival(content: RefObject<HTMLElement | null>, who: string | null): void {
  const { pathname } = useLocation()
  const way = useNavigationType()
  const place = `${who} ${pathname}`
  const last = useRef(place)
  useEffect(() => {
    const within = content.current
    if (within === null || last.current === place) return
    last.current = place
    if (way !== 'POP') scrollTo(0, 0)
    const from = document.activeElement
    if (arrive(within, from)) return
    const observer = new MutationObserver(() => arrive(within, from) && observer.disconnect())
    observer.observe(within, { childList: true, subtree: true })
    return () => observer.disconnect()
  }, [content, place, way])
}

/** Whether he is there. Who has gone elsewhere meanwhile, or was led to a field, stays there. */
function arrive(content: HTMLElement, from: Element | null): boolean {
  const at = document.activeElement
  if (at !== from && at !== document.body) return true
  const heading = content.querySelector('h1')
  if (heading === null) return false
  heading.tabIndex = -1
  heading.focus({ preventScroll: true })
  return true
}
