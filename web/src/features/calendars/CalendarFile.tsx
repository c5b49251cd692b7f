import { CalendarPlus } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useClient } from 'urql'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { CalendarFile as FileQuery } from './operations'

/** One visit as a file for a calendar program, as it stands at this moment. */
export function CalendarFile({ appointmentId, of }: { appointmentId: string; of: string }) {
  const { t, i18n } = useTranslation()
  const client = useClient()
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState(false)

  async function onPress() {
    setBusy(true)
    const language = i18n.language === 'en' ? 'ENGLISH' : 'PORTUGUESE'
    const options = { requestPolicy: 'network-only' } as const
    const { data } = await client.query(FileQuery, { appointmentId, language }, options).toPromise()
    setBusy(false)
    const text = data?.node?.__typename === 'Appointment' ? data.node.calendarFile : null
    setFault(text === null)
    if (text !== null) keep(text, t('calendars.file'))
  }

  return (
    <>
      <Button
        kind="quiet"
        onPress={onPress}
        isPending={busy}
        aria-label={t('calendars.addOf', { name: of })}
      >
        <CalendarPlus size={18} aria-hidden /> {t('calendars.add')}
      </Button>
      {fault && <Notice kind="bad">{t('failed')}</Notice>}
    </>
  )
}

function keep(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/calendar;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
