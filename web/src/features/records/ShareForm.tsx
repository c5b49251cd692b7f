import { type FormEvent, useState } from 'react'
import { Checkbox } from 'react-aria-components/Checkbox'
import { CheckboxGroup } from 'react-aria-components/CheckboxGroup'
import { Form } from 'react-aria-components/Form'
import { Label } from 'react-aria-components/Label'
import { useTranslation } from 'react-i18next'
import { useMutation, useQuery } from 'urql'
import { unmask } from '../../gql'
import { day, dayAndHour } from '../../i18n/times'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { DoctorChoice } from './DoctorChoice'
import { DocumentRow } from './documents'
import { Options } from './Options'
import { AnswerRequest, type Doctor, type Request, ShareCard, ShareRecord, ToShare } from './shares'
import { dayOf, endOf, inDays, latestDay } from './until'

interface Props {
  request: Request | null
  onClose: () => void
  onShared: (shareId: string) => void
}

/** Whom, what and how long; with what that will be before it is done. `request`: it is an answer. */
export function ShareForm({ request, onClose, onShared }: Props) {
  const { t, i18n } = useTranslation()
  const [{ data, error }] = useQuery({ query: ToShare, requestPolicy: 'cache-and-network' })
  const [doctor, setDoctor] = useState<Doctor | null>(request?.doctor ?? null)
  const [what, setWhat] = useState('some')
  const [chosen, setChosen] = useState<string[]>([])
  const [until, setUntil] = useState('7')
  const [lastDay, setLastDay] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const [sharing, share] = useMutation(ShareRecord)
  const [answering, answer] = useMutation(AnswerRequest)
  const [openedAt] = useState(Date.now)
  const viewer = data?.viewer
  if (!viewer || !('documents' in viewer)) {
    return (
      <Ask title={t('record.sharing.title')} open onClose={onClose}>
        {error ? <Notice kind="bad">{t('failed')}</Notice> : <Loading />}
      </Ask>
    )
  }
  const documents = unmask(DocumentRow, viewer.documents.nodes)
  const visits = viewer.appointments.nodes
  const visit = visits
    .filter(({ status, startsAt }) => status === 'CONFIRMED' && Date.parse(startsAt) > openedAt)
    .filter(each => request === null && each.doctor.id === doctor?.id)
    .at(-1)
  const around = until === 'visit' && visit ? visit : null
  const ends = around
    ? inDays(8, Date.parse(around.startsAt))
    : until === 'day'
      ? lastDay && endOf(lastDay)
      : inDays(Number(until) || 7, openedAt)
  const names = documents.filter(({ id }) => chosen.includes(id)).map(({ name }) => name)

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (!doctor) return setFault(t('record.sharing.faults.doctor'))
    if (what === 'some' && chosen.length === 0) return setFault(t('record.sharing.faults.none'))
    if (!ends) return setFault(t('record.sharing.faults.until'))
    const terms = {
      includeFuture: what === 'all',
      documentIds: what === 'all' ? null : chosen,
      validUntil: ends.toISOString(),
    }
    if (request) {
      const { data } = await answer({ input: { requestId: request.id, accept: true, ...terms } })
      if (data?.answerAccessRequest?.request) return onClose()
      return tell(data?.answerAccessRequest?.problems)
    }
    const appointmentId = around?.id ?? null
    const { data } = await share({ input: { doctorId: doctor.id, appointmentId, ...terms } })
    const made = data?.shareRecord?.share
    if (made) return onShared(unmask(ShareCard, made).id)
    tell(data?.shareRecord?.problems)
  }

  function tell(problems: readonly { path: readonly string[] }[] = []) {
    const late = problems.some(({ path }) => path[0] === 'validUntil')
    setFault(late ? t('record.sharing.faults.until') : t('record.sharing.faults.other'))
  }

  return (
    <Ask title={t('record.sharing.title')} open onClose={onClose}>
      <Form onSubmit={onSubmit} className="form">
        {request ? (
          <p>{t('record.sharing.with', { name: request.doctor.name })}</p>
        ) : (
          <DoctorChoice known={visits.map(each => each.doctor)} onChoose={setDoctor} />
        )}
        <Options
          label={t('record.sharing.what')}
          value={what}
          onChange={setWhat}
          options={[
            { id: 'some', text: t('record.sharing.chosen') },
            { id: 'all', text: t('record.sharing.all') },
          ]}
        />
        {what === 'some' && documents.length === 0 && <p>{t('record.sharing.empty')}</p>}
        {what === 'some' && documents.length > 0 && (
          <CheckboxGroup value={chosen} onChange={setChosen} className="field choices several">
            <Label>{t('record.parts.documents')}</Label>
            {documents.map(({ id, name }) => (
              <Checkbox key={id} value={id} className="pick square">
                {name}
              </Checkbox>
            ))}
          </CheckboxGroup>
        )}
        <Options
          label={t('record.sharing.howLong')}
          value={until === 'visit' && !visit ? '7' : until}
          onChange={setUntil}
          options={[
            ...(visit
              ? [
                  {
                    id: 'visit',
                    text: t('record.sharing.around', {
                      at: dayAndHour(visit.startsAt, i18n.language),
                    }),
                  },
                ]
              : []),
            { id: '7', text: t('record.sharing.days', { count: 7 }) },
            { id: '30', text: t('record.sharing.days', { count: 30 }) },
            { id: 'day', text: t('record.sharing.untilDay') },
          ]}
        />
        {until === 'day' && (
          <label className="field">
            <span>{t('record.sharing.lastDay')}</span>
            <input
              type="date"
              value={lastDay}
              min={dayOf(new Date(openedAt))}
              max={latestDay(openedAt)}
              onChange={event => setLastDay(event.target.value)}
              required
            />
          </label>
        )}
        {doctor && ends && (
          <div className="preview" aria-live="polite">
            <strong>{t('record.sharing.preview', { name: doctor.name })}</strong>
            {what === 'all' ? (
              <p>{t('record.sharing.previewAll')}</p>
            ) : (
              <ul>
                {names.map((name, index) => (
                  <li key={chosen[index]}>{name}</li>
                ))}
                {names.length === 0 && <li>{t('record.sharing.nothing')}</li>}
              </ul>
            )}
            <p>
              {around
                ? t('record.sharing.previewAround')
                : t('record.sharing.previewUntil', {
                    day: day(ends.toISOString(), i18n.language),
                  })}
            </p>
          </div>
        )}
        {fault && <Notice kind="bad">{fault}</Notice>}
        <div className="pair">
          <Button type="submit" isPending={sharing.fetching || answering.fetching}>
            {t('record.sharing.submit')}
          </Button>
          <Button kind="quiet" onPress={onClose}>
            {t('record.back')}
          </Button>
        </div>
      </Form>
    </Ask>
  )
}
