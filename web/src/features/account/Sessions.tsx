import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { dayAndHour } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { EndOtherSessions, EndSession, type OpenSession } from './operations'

interface Props {
  sessions: readonly OpenSession[]
  onEnded: () => void
}

export function Sessions({ sessions, onEnded }: Props) {
  const { t, i18n } = useTranslation()
  const [fault, setFault] = useState(false)
  const [ended, setEnded] = useState(false)
  const [ending, end] = useMutation(EndSession)
  const [endingOthers, endOthers] = useMutation(EndOtherSessions)
  const fetching = ending.fetching || endingOthers.fetching

  async function onEnd(sessionId: string) {
    const { error } = await end({ input: { sessionId } })
    setFault(Boolean(error?.networkError))
    onEnded() // one that has ended by itself is not there any more either
  }

  async function onEndOthers() {
    const { data } = await endOthers({})
    setFault(!data?.endOtherSessions)
    setEnded(Boolean(data?.endOtherSessions))
    onEnded()
  }

  return (
    <section className="card panel" aria-labelledby="sessions">
      <h2 id="sessions">{t('account.sessions')}</h2>
      {fault && <Notice kind="bad">{t('failed')}</Notice>}
      {ended && <Notice>{t('account.othersEnded')}</Notice>}
      <ul className="sessions">
        {sessions.map(({ id, device, address, seenAt, current }) => (
          <li key={id}>
            <p>
              <strong>{device ?? t('account.unknown')}</strong>
              <br />
              <span className="quiet">
                {[address, t('account.seen', { at: dayAndHour(seenAt, i18n.language) })]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
            </p>
            {current ? (
              <span className="badge CONFIRMED">{t('account.current')}</span>
            ) : (
              <Button
                kind="quiet"
                aria-label={t('account.endOne', { device: device ?? t('account.unknown') })}
                isDisabled={fetching}
                onPress={() => onEnd(id)}
              >
                {t('account.end')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {sessions.some(({ current }) => !current) && (
        <div className="pair">
          <Button kind="quiet" isDisabled={fetching} onPress={onEndOthers}>
            {t('account.endOthers')}
          </Button>
        </div>
      )}
    </section>
  )
}
