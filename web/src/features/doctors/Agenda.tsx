import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useMemo } from 'react'
import { ToggleButton } from 'react-aria-components/ToggleButton'
import { ToggleButtonGroup } from 'react-aria-components/ToggleButtonGroup'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router'
import { unmask } from '../../gql'
import { day, hour, leaf, ownZone, sameClock, zoneName } from '../../i18n/times'
import { useSession } from '../../session/context'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { byDay, dateOf, later, startOf } from './agenda'
import { type Card, FreeTime, pageOf, type Time } from './operations'
import { useAgenda } from './useAgenda'

const SPANS = { day: 1, week: 7 }

/** When the doctor is free, as it changes, by day or by week. */
export function Agenda({ doctor }: { doctor: Card }) {
  const { t, i18n } = useTranslation()
  const [query, setQuery] = useSearchParams()
  const span = query.get('span') === 'day' ? 'day' : 'week'
  const soonest = unmask(FreeTime, doctor.nextSlots)[0]
  const date = query.get('date') ?? dateOf(soonest ? new Date(soonest.startsAt) : new Date())
  const [from, to] = useMemo(() => {
    const begin = startOf(date)
    const known = Number.isNaN(+begin) ? startOf(dateOf(new Date())) : begin
    return [known, later(known, SPANS[span])]
  }, [date, span])
  const { times, failed, reload } = useAgenda(doctor.id, from, to)

  function show(changed: Record<string, string>) {
    setQuery(known => ({ ...Object.fromEntries(known), ...changed }), { replace: true })
  }

  const last = later(to, -1)
  const shown =
    span === 'day'
      ? day(from.toISOString(), i18n.language)
      : t('doctors.agenda.range', {
          from: leafOf(from, i18n.language),
          to: leafOf(last, i18n.language),
        })
  return (
    <section className="free" aria-labelledby="agenda">
      <div className="agenda-head">
        <h2 id="agenda">{t('doctors.agenda.title')}</h2>
        <ToggleButtonGroup
          aria-label={t('doctors.agenda.span')}
          className="languages"
          disallowEmptySelection
          selectedKeys={[span]}
          onSelectionChange={([chosen]) => show({ span: String(chosen) })}
        >
          {(['day', 'week'] as const).map(each => (
            <ToggleButton key={each} id={each} className="language">
              {t(`doctors.agenda.${each}`)}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      </div>
      <div className="turner">
        <Button
          kind="quiet"
          aria-label={t('doctors.agenda.before')}
          isDisabled={+from <= Date.now()}
          onPress={() => show({ date: dateOf(later(from, -SPANS[span])) })}
        >
          <ChevronLeft size={18} aria-hidden />
        </Button>
        <p className="first-up" aria-live="polite">
          {shown}
        </p>
        <Button
          kind="quiet"
          aria-label={t('doctors.agenda.after')}
          onPress={() => show({ date: dateOf(to) })}
        >
          <ChevronRight size={18} aria-hidden />
        </Button>
      </div>
      <Zones zone={doctor.timeZone} />
      {failed && (
        <>
          <Notice kind="bad">{t('failed')}</Notice>
          <Button onPress={reload}>{t('tryAgain')}</Button>
        </>
      )}
      {!times && !failed && <Loading />}
      {times?.length === 0 && (
        <p className="empty" role="status">
          {t('doctors.agenda.none')}
        </p>
      )}
      {times && times.length > 0 && (
        <div className={`days ${span}`}>
          {byDay(times, from, to).map(([date, ofDay]) => (
            <Day key={date} date={date} times={ofDay} doctor={doctor} />
          ))}
        </div>
      )}
    </section>
  )
}

function Day({ date, times, doctor }: { date: string; times: Time[]; doctor: Card }) {
  const { t, i18n } = useTranslation()
  const books = useSession()?.role !== 'doctor'
  return (
    <section className={times.length ? 'of-day' : 'of-day nothing'}>
      <h3 className="first-up">{leafOf(startOf(date), i18n.language)}</h3>
      {times.length === 0 && <p className="quiet">{t('doctors.agenda.full')}</p>}
      <ul className="times">
        {times.map(({ id, startsAt }) => (
          <li key={id}>
            {books ? (
              <Link to={`${pageOf(doctor)}/times/${id}`} className="time">
                {hour(startsAt, i18n.language)}
              </Link>
            ) : (
              <span className="time">{hour(startsAt, i18n.language)}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Short enough for a seventh of the page. */
function leafOf(date: Date, language: string): string {
  const { weekday, day: number, month } = leaf(date.toISOString(), language)
  return `${weekday}, ${number} ${month}`
}

/** Whose hours these are, where the doctor's clock shows others. */
function Zones({ zone }: { zone: string }) {
  const { t, i18n } = useTranslation()
  const now = new Date().toISOString()
  if (sameClock(now, zone, ownZone())) return null
  return (
    <p className="quiet">
      {t('doctors.agenda.zones', {
        yours: zoneName(now, i18n.language, ownZone()),
        theirs: zoneName(now, i18n.language, zone),
      })}
    </p>
  )
}
