import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { useQuery } from 'urql'
import { ownZone } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { Charts } from './Charts'
import { OwnCalendar, OwnStatistics } from './operations'
import { PeriodChoice } from './PeriodChoice'
import { bounds, periodOf } from './period'
import { isEmpty, shortDay } from './worded'
import './figures.css'

/** What became of a doctor's requests and visits in a time that he chooses. */
export default function Figures() {
  const { t, i18n } = useTranslation()
  const [query, setQuery] = useSearchParams()
  const [{ data: own, error: unknown }, whoAgain] = useQuery({ query: OwnCalendar })
  const known = own?.viewer && 'doctor' in own.viewer ? own.viewer.doctor.timeZone : null
  const zone = known ?? ownZone()
  const period = useMemo(() => periodOf(query, zone), [query, zone])
  const [{ data, error, fetching }, again] = useQuery({
    query: OwnStatistics,
    variables: bounds(period, zone),
    pause: known === null,
    requestPolicy: 'cache-and-network',
  })
  const told = data?.viewer && 'statistics' in data.viewer ? data.viewer.statistics : null
  return (
    <div className="page figures">
      <title>{t('figures.title')}</title>
      <h1>{t('figures.title')}</h1>
      <PeriodChoice period={period} onChoose={chosen => setQuery(chosen, { replace: true })} />
      <p className="quiet" role="status">
        {t('figures.between', {
          first: shortDay(period.first.toString(), i18n.language),
          last: shortDay(period.last.toString(), i18n.language),
        })}
      </p>
      {(error || unknown) && (
        <>
          <Notice kind="bad">{t('failed')}</Notice>
          <Button
            onPress={() => {
              whoAgain()
              again({ requestPolicy: 'network-only' })
            }}
          >
            {t('tryAgain')}
          </Button>
        </>
      )}
      {!told && !error && !unknown && (fetching || known === null) && <Loading />}
      {told && isEmpty(told) && <p className="empty">{t('figures.none')}</p>}
      {told && !isEmpty(told) && <Charts told={told} />}
    </div>
  )
}
