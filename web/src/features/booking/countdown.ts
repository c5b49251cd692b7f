import { useEffect, useState } from 'react'

/** Seconds until then, never less than none; told every second. */
export function useSecondsUntil(instant: string): number {
  const left = () => Math.max(0, Math.ceil((Date.parse(instant) - Date.now()) / 1000))
  const [seconds, setSeconds] = useState(left)
  useEffect(() => {
    const ticking = setInterval(() => setSeconds(left()), 1000)
    return () => clearInterval(ticking)
  })
  return seconds
}

/** 4:05 */
export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
