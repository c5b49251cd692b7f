import { useEffect, useState } from 'react'

const EVERY = 10_000 // milliseconds

/** The time, told again every few seconds. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const ticking = setInterval(() => setNow(Date.now()), EVERY)
    return () => clearInterval(ticking)
  }, [])
  return now
}
