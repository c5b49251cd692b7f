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
    if (arrive(within)) return
    const observer = new MutationObserver(() => arrive(within) && observer.disconnect())
    observer.observe(within, { childList: true, subtree: true })
    return () => observer.disconnect()
  }, [content, place, way])
}

/** Whether he is there; where a page has led him to a field of its own, he stays. */
function arrive(content: HTMLElement): boolean {
  if (content.contains(document.activeElement)) return true
  const heading = content.querySelector('h1')
  if (heading === null) return false
  heading.tabIndex = -1
  heading.focus({ preventScroll: true })
  return true
}
