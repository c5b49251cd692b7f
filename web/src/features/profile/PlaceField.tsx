import { LocateFixed } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { CityField } from '../doctors/CityField'
import type { City } from '../doctors/cities'

interface Props {
  first: City | null
  /** "latitude,longitude", if the practice is known better than by its city. */
  firstAt?: string
  onChange?: () => void
}

/** Where the practice is: its city, and better than that if its doctor is there now. */
export function PlaceField({ first, firstAt = '', onChange }: Props) {
  const { t } = useTranslation()
  const [at, setAt] = useState(firstAt)
  const [locating, setLocating] = useState<'' | 'now' | 'failed'>('')

  function put(at: string) {
    setAt(at)
    onChange?.()
  }

  function locate() {
    setLocating('now')
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        put(`${coords.latitude.toFixed(5)},${coords.longitude.toFixed(5)}`)
        setLocating('')
      },
      () => setLocating('failed'),
      { enableHighAccuracy: true, timeout: 15_000 },
    )
  }

  return (
    <div className="form">
      {/* Who moves to another city is not where he was. */}
      <CityField first={first} placeholder={t('profile.noCity')} onChange={() => put('')} />
      <input type="hidden" name="at" value={at} />
      {at ? (
        <>
          <p className="hint">{t('profile.exactly')}</p>
          <Button kind="quiet" onPress={() => put('')}>
            {t('profile.roughly')}
          </Button>
        </>
      ) : (
        <>
          <p className="hint">{t('profile.placeHint')}</p>
          <Button kind="quiet" onPress={locate} isPending={locating === 'now'}>
            <LocateFixed size={18} aria-hidden /> {t('profile.locate')}
          </Button>
        </>
      )}
      {locating === 'failed' && <Notice kind="bad">{t('doctors.unlocated')}</Notice>}
    </div>
  )
}
