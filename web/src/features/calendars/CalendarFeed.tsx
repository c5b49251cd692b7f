import { CalendarSync, Copy } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMutation, useQuery } from 'urql'
import { dayAndHour } from '../../i18n/times'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { CreateFeed, CalendarFeed as Feed, RevokeFeed } from './operations'

/** A link by which a calendar program follows all visits. It is shown once, and can be ended. */
export function CalendarFeed() {
  const { t, i18n } = useTranslation()
  const [{ data, error }, read] = useQuery({ query: Feed, requestPolicy: 'cache-and-network' })
  const [creating, create] = useMutation(CreateFeed)
  const [revoking, revoke] = useMutation(RevokeFeed)
  const [asking, setAsking] = useState<'renew' | 'end' | null>(null)
  const [url, setUrl] = useState<string | null>(null)
  const [fault, setFault] = useState(false)
  const viewer = data?.viewer
  const since = viewer && 'calendarFeedSince' in viewer ? viewer.calendarFeedSince : undefined

  async function onCreate() {
    const { data: created } = await create({})
    const given = created?.createCalendarFeed?.url ?? null
    setUrl(given)
    done(given !== null)
  }

  async function onEnd() {
    const { data: ended, error: failed } = await revoke({})
    // One that has ended in another window is ended, too.
    const problems = ended?.revokeCalendarFeed?.problems ?? []
    setUrl(null)
    done(!failed && problems.every(({ code }) => code === 'WRONG_STATUS'))
  }

  function done(well: boolean) {
    setAsking(null)
    setFault(!well)
    read({ requestPolicy: 'network-only' })
  }

  return (
    <section className="card panel" aria-labelledby="calendar-feed">
      <h2 id="calendar-feed">
        <CalendarSync size={20} aria-hidden /> {t('calendars.title')}
      </h2>
      <p>{t('calendars.lead')}</p>
      {(fault || (error && !data)) && <Notice kind="bad">{t('failed')}</Notice>}
      {url && <Link url={url} />}
      {since === null && (
        <div className="pair">
          <Button onPress={onCreate} isPending={creating.fetching}>
            {t('calendars.create')}
          </Button>
        </div>
      )}
      {since && (
        <>
          <p className="quiet">{t('calendars.since', { at: dayAndHour(since, i18n.language) })}</p>
          <div className="pair">
            <Button kind="quiet" onPress={() => setAsking('renew')}>
              {t('calendars.renew')}
            </Button>
            <Button kind="quiet" onPress={() => setAsking('end')}>
              {t('calendars.end')}
            </Button>
          </div>
        </>
      )}
      <Ask
        title={t(asking === 'renew' ? 'calendars.renewing' : 'calendars.ending')}
        open={asking !== null}
        onClose={() => setAsking(null)}
      >
        <p>{t('calendars.dies')}</p>
        <div className="pair">
          <Button
            kind="danger"
            isPending={creating.fetching || revoking.fetching}
            onPress={asking === 'renew' ? onCreate : onEnd}
          >
            {t(asking === 'renew' ? 'calendars.renew' : 'calendars.end')}
          </Button>
          <Button kind="quiet" onPress={() => setAsking(null)}>
            {t('own.back')}
          </Button>
        </div>
      </Ask>
    </section>
  )
}

function Link({ url }: { url: string }) {
  const { t } = useTranslation()
  const [copied, setCopied] = useState(false)

  async function copy() {
    const done = await navigator.clipboard.writeText(url).then(
      () => true,
      () => false, // then it is selected and copied by hand
    )
    setCopied(done)
  }

  return (
    <div className="form">
      <Field label={t('calendars.link')} hint={t('calendars.once')} value={url} isReadOnly />
      <div className="pair">
        <Button onPress={copy}>
          <Copy size={18} aria-hidden /> {t('calendars.copy')}
        </Button>
        <a className="button quiet" href={url.replace(/^https?:/, 'webcal:')}>
          {t('calendars.open')}
        </a>
      </div>
      <p role="status" className="hint">
        {copied && t('calendars.copied')}
      </p>
    </div>
  )
}
