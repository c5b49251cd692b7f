import { useEffect, useState } from 'react'
import { allCities, type City } from './cities'

interface Cities {
  /** null: not here yet, or not wanted. */
  cities: readonly City[] | null
  failed: boolean
}

const NONE: Cities = { cities: null, failed: false }

/** All of them, once they are wanted. */
export function useCities(wanted: boolean): Cities {
  const [read, setRead] = useState(NONE)
  useEffect(() => {
    if (!wanted) return
    let left = false
    allCities().then(
      cities => left || setRead({ cities, failed: false }),
      () => left || setRead({ cities: null, failed: true }),
    )
    return () => {
      left = true
    }
  }, [wanted])
  return read
}
