import { today as todayThere } from '@internationalized/date'
import { CalendarPlus, ChevronLeft, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { ToggleButton } from 'react-aria-components/ToggleButton'
import { ToggleButtonGroup } from 'react-aria-components/ToggleButtonGroup'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router'
import { ownZone, sameClock, zoneName } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { begins, dayOf, month, namer, week } from './days'
import { Month } from './Month'
import { useOwnTime } from './useOwnTime'
import { Week } from './Week'
import { Withdrawing } from './Withdrawing'
import './agenda.css'

const VIEWS = ['week', 'month'] as const

/** A week or a month of the doctor's own slots, by the practice's wall clock. */
export default function Agenda() {
  const { t, i18n } = useTranslation()
  const [query, setQuery] = useSearchParams()
  const view = query.get('view') === 'month' ? 'month' : 'week'
  const [zoneOfFirst] = useState(ownZone)
  const [chosen, choose] = useState(() => todayThere(zoneOfFirst))
  const [picked, setPicked] = useState<ReadonlySet<string> | null>(null)
  const days = view === 'month' ? month(chosen, i18n.language) : week(chosen, i18n.language)
  const [first, last] = [days[0] ?? chosen, days.at(-1) ?? chosen]
  // A day more on both sides, for whoever's clock is not the doctor's.
  const from = begins(first.subtract({ days: 1 }), zoneOfFirst)
  const to = begins(last.add({ days: 2 }), zoneOfFirst)
  const { doctor, slots, appointments, busy, failed, reload, learn } = useOwnTime(from, to)
  const zone = doctor?.timeZone ?? zoneOfFirst
  const today = todayThere(zone)
  const shown = [...slots.values()]
    .filter(({ status }) => status !== 'WITHDRAWN')
    .sort((one, other) => Date.parse(one.startsAt) - Date.parse(other.startsAt))
  const named = namer(i18n.language, zone)
  const free = shown.filter(({ status, startsAt }) => {
    const day = dayOf(startsAt, zone)
    return status === 'OPEN' && day.compare(first) >= 0 && day.compare(last) <= 0
  })
  const period =
    view === 'month'
      ? named(chosen, { month: 'long', year: 'numeric' })
      : t('agenda.range', {
          from: named(first, { day: 'numeric', month: 'short' }),
          to: named(last, { day: 'numeric', month: 'short', year: 'numeric' }),
        })

  function look(at: (typeof VIEWS)[number]) {
    setPicked(null)
    setQuery(at === 'month' ? { view: at } : {}, { replace: true })
  }

  return (
    <div className="page agenda">
      <title>{t('agenda.title')}</title>
      <header className="agenda-top">
        <h1>{t('agenda.title')}</h1>
        <Link to="/agenda/publish" className="button main">
          <CalendarPlus size={18} aria-hidden /> {t('agenda.publish')}
        </Link>
      </header>
      {doctor && !doctor.verified && <Notice>{t('agenda.unverified')}</Notice>}
      {!sameClock(begins(chosen, zone), zone, ownZone()) && (
        <Notice>
          {t('agenda.zone', { zone: zoneName(begins(chosen, zone), i18n.language, zone) })}
        </Notice>
      )}
      {failed && (
        <>
          <Notice kind="bad">{t('failed')}</Notice>
          <Button onPress={reload}>{t('tryAgain')}</Button>
        </>
      )}
      <div className="weeks">
        <Button
          kind="quiet"
          aria-label={t(`agenda.before.${view}`)}
          onPress={() => choose(chosen.subtract({ [`${view}s`]: 1 }))}
        >
          <ChevronLeft size={18} aria-hidden />
        </Button>
        <Button kind="quiet" onPress={() => choose(today)}>
          {t('agenda.today')}
        </Button>
        <Button
          kind="quiet"
          aria-label={t(`agenda.after.${view}`)}
          onPress={() => choose(chosen.add({ [`${view}s`]: 1 }))}
        >
          <ChevronRight size={18} aria-hidden />
        </Button>
        <h2 className="first-up" aria-live="polite">
          {period}
        </h2>
        {view === 'week' && free.length > 0 && !picked && (
          <Button kind="quiet" onPress={() => setPicked(new Set())}>
            {t('agenda.pick')}
          </Button>
        )}
        <ToggleButtonGroup
          aria-label={t('agenda.span')}
          className="languages"
          disallowEmptySelection
          selectedKeys={[view]}
          onSelectionChange={([at]) => look(at === 'month' ? at : 'week')}
        >
          {VIEWS.map(each => (
            <ToggleButton key={each} id={each} className="language">
              {t(`agenda.${each}`)}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      </div>
      {picked && (
        <Withdrawing
          picked={picked}
          free={free}
          onPick={setPicked}
          onWithdrawn={gone => {
            learn({ slots: gone })
            setPicked(null)
          }}
        />
      )}
      {busy && slots.size === 0 ? (
        <Loading />
      ) : view === 'month' ? (
        <Month
          days={days}
          chosen={chosen}
          today={today}
          zone={zone}
          slots={shown}
          onOpen={day => {
            choose(day)
            look('week')
          }}
        />
      ) : (
        <Week
          days={days}
          chosen={chosen}
          today={today}
          zone={zone}
          slots={shown}
          appointments={appointments}
          picked={picked}
          onChoose={choose}
          onPick={setPicked}
          onChanged={changed => learn({ slots: changed })}
        />
      )}
    </div>
  )
}
