import { useEffect, useState } from 'react'
import type { Call } from '../../consultation/call'
import {
  between,
  type Counted,
  count,
  type Line,
  type Quality,
  settled,
} from '../../consultation/quality'

const LOOK_EVERY = 2_000 // milliseconds
const LAST = 5

/** How good the line is, while there is one. `quality`: of the last ten seconds. */
export function useLine(call: Call): Line | null {
  const [line, setLine] = useState<Line | null>(null)
  useEffect(() => {
    let before: Counted | null = null
    let last: Quality[] = []
    let here = true
    async function look() {
      const report = await call.stats().catch(() => null)
      if (!here) return
      if (report === null) {
        before = null
        last = []
        return setLine(null)
      }
      const now = count(report, performance.now())
      if (before) {
        const found = between(before, now)
        last = [...last, found.quality].slice(-LAST)
        setLine({ ...found, quality: settled(last) ?? found.quality })
      }
      before = now
    }
    const looking = setInterval(look, LOOK_EVERY)
    return () => {
      here = false
      clearInterval(looking)
    }
  }, [call])
  return line
}
