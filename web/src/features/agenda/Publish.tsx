import { useState } from 'react'
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useQuery } from 'urql'
import { ownZone, sameClock, zoneName } from '../../i18n/times'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { OneTime } from './OneTime'
import { OwnSlots } from './operations'
import { WeeklyPattern } from './WeeklyPattern'
import './agenda.css'

/** New times: a weekly pattern of them, or one. */
export default function Publish() {
  const { t, i18n } = useTranslation()
  const [now] = useState(() => new Date().toISOString())
  const [made, setMade] = useState<number | null>(null)
  const [{ data, error }] = useQuery({
    query: OwnSlots,
    variables: { from: now, to: nextDay(now) },
  })
  const viewer = data?.viewer
  if (!viewer || !('slots' in viewer)) {
    return error ? <Notice kind="bad">{t('failed')}</Notice> : <Loading />
  }
  const zone = viewer.doctor.timeZone
  return (
    <div className="page publish">
      <title>{t('agenda.publish')}</title>
      <h1>{t('agenda.publish')}</h1>
      <p>
        <Link to="/agenda">{t('agenda.title')}</Link>
      </p>
      {viewer.registration.status !== 'VERIFIED' && <Notice>{t('agenda.unverified')}</Notice>}
      {!sameClock(now, zone, ownZone()) && (
        <Notice>{t('agenda.zone', { zone: zoneName(now, i18n.language, zone) })}</Notice>
      )}
      {made !== null && <Notice>{t('agenda.made', { count: made })}</Notice>}
      <Tabs>
        <TabList aria-label={t('agenda.publish')} className="tabs">
          <Tab id="weekly" className="tab">
            {t('agenda.weekly')}
          </Tab>
          <Tab id="once" className="tab">
            {t('agenda.once')}
          </Tab>
        </TabList>
        <TabPanel id="weekly">
          <WeeklyPattern zone={zone} onMade={setMade} />
        </TabPanel>
        <TabPanel id="once">
          <OneTime zone={zone} onMade={setMade} />
        </TabPanel>
      </Tabs>
    </div>
  )
}

const nextDay = (instant: string) => new Date(Date.parse(instant) + 86_400_000).toISOString()
