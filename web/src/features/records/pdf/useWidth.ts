import { type RefObject, useEffect, useState } from 'react'

/** How wide it is inside, in CSS pixels; 0 until that is known. */
export function useWidth(of: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const watched = of.current
    if (!watched) return
    const watching = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0))
    watching.observe(watched)
    return () => watching.disconnect()
  }, [of])
  return width
}
