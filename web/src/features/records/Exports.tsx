import { Download } from 'lucide-react'
import { type FormEvent, useEffect, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { ProgressBar } from 'react-aria-components/ProgressBar'
import { useTranslation } from 'react-i18next'
import { useMutation, useQuery } from 'urql'
import { unmask } from '../../gql'
import { dayAndHour } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { sizeOf } from './described'
import { Erasure } from './Erasure'
import { type Export, ExportCard, MyExports, OpenExport, RequestExport } from './exports'
import { refusal } from './refusal'
import { save } from './save'
import './record.css'

const LOOKED_EVERY = 2_000 // milliseconds, while one is being made

/** A copy of one's data, and the end of the account. */
export default function Exports() {
  const { t } = useTranslation()
  const [{ data, error }, reload] = useQuery({
    query: MyExports,
    requestPolicy: 'cache-and-network',
  })
  const viewer = data?.viewer && 'exports' in data.viewer ? data.viewer : null
  const exports = unmask(ExportCard, viewer?.exports ?? [])
  const making = exports.some(({ status }) => status === 'REQUESTED' || status === 'RUNNING')
  useEffect(() => {
    if (!making) return
    const look = () => reload({ requestPolicy: 'network-only' })
    const looking = setInterval(look, LOOKED_EVERY)
    return () => clearInterval(looking)
  }, [making, reload])
  return (
    <div className="page">
      <title>{t('exports.title')}</title>
      <h1>{t('exports.title')}</h1>
      <section className="card box">
        <h2>{t('exports.copy.title')}</h2>
        <p>{t('exports.copy.text')}</p>
        <Ordering />
        {!viewer && !error && <Loading />}
        {!viewer && error && <Notice kind="bad">{t('failed')}</Notice>}
        <ul className="exports">
          {exports.map(each => (
            <li key={each.id}>
              <ExportItem made={each} />
            </li>
          ))}
        </ul>
      </section>
      {viewer && <Erasure secondFactor={viewer.secondFactor !== null} />}
    </div>
  )
}

function Ordering() {
  const { t } = useTranslation()
  const [{ fetching }, request] = useMutation(RequestExport)
  const [fault, setFault] = useState<string | null>(null)

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const password = String(new FormData(form).get('password'))
    const { data } = await request({ input: { password } })
    const code = data?.requestExport?.problems[0]?.code
    if (data?.requestExport && !code) form.reset()
    setFault(data?.requestExport ? (code ? refusal(code, t) : null) : t('failed'))
  }

  return (
    <Form onSubmit={onSubmit} className="form">
      <Field
        name="password"
        type="password"
        label={t('exports.password')}
        autoComplete="current-password"
        isRequired
      />
      {fault && <Notice kind="bad">{fault}</Notice>}
      <div>
        <Button type="submit" isPending={fetching}>
          {t('exports.copy.submit')}
        </Button>
      </div>
    </Form>
  )
}

function ExportItem({ made }: { made: Export }) {
  const { t, i18n } = useTranslation()
  const [{ fetching }, open] = useMutation(OpenExport)
  const [failed, setFailed] = useState(false)
  const { id, status, requestedAt, progress, size, expiresAt } = made
  const going = status === 'REQUESTED' || status === 'RUNNING'
  const at = dayAndHour(requestedAt, i18n.language)

  async function onOpen() {
    const { data } = await open({ input: { exportId: id } })
    const url = data?.openExport?.url
    setFailed(!url)
    if (url) save(url, 'health-med.zip')
  }

  return (
    <article className="export">
      <div className="about">
        <strong>{t('exports.of', { at })}</strong>
        {going ? (
          <ProgressBar
            value={progress * 100}
            className="progress"
            aria-label={t('exports.of', { at })}
          >
            <span className="bar">
              <span style={{ inlineSize: `${progress * 100}%` }} />
            </span>
          </ProgressBar>
        ) : null}
        <span className="quiet" role="status">
          {t(`exports.status.${status}`)}
          {status === 'READY' && size !== null && size !== undefined && (
            <>
              {` · ${sizeOf({ size }, i18n.language)} · `}
              {t('exports.until', { at: dayAndHour(expiresAt ?? requestedAt, i18n.language) })}
            </>
          )}
        </span>
        {failed && <Notice kind="bad">{t('failed')}</Notice>}
      </div>
      {status === 'READY' && (
        <Button onPress={onOpen} isPending={fetching}>
          <Download size={18} aria-hidden /> {t('exports.open')}
        </Button>
      )}
    </article>
  )
}
