import { EyeOff, FileText, Image, Pencil } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { dayAndHour } from '../../i18n/times'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { kindOf, sizeOf } from './described'
import { HideDocument, RenameDocument, type Row } from './documents'
import type { useOpening } from './useOpening'

interface Props {
  row: Row
  opening: ReturnType<typeof useOpening>
}

/** One document of one's own, and what can be done with it. */
export function DocumentItem({ row, opening }: Props) {
  const { t, i18n } = useTranslation()
  const [asking, setAsking] = useState<'rename' | 'hide' | null>(null)
  const { name, status } = row
  const Sign = row.contentType.startsWith('image/') ? Image : FileText
  return (
    <article className="card document" aria-labelledby={row.id}>
      <Sign className="kind" size={26} aria-hidden />
      <div className="about">
        <h3 id={row.id}>{name}</h3>
        <p className="quiet">
          {kindOf(row)} · {sizeOf(row, i18n.language)}
          {row.uploadedAt && ` · ${dayAndHour(row.uploadedAt, i18n.language)}`}
        </p>
        {row.signature && (
          <p>
            <span className={`badge ${row.signature === 'SIGNED' ? 'CONFIRMED' : 'REQUESTED'}`}>
              {t(`papers.signature.${row.signature}`)}
            </span>{' '}
            {row.issuedBy && t('papers.by', { name: row.issuedBy.name })}
          </p>
        )}
      </div>
      <div className="pair">
        <Button
          aria-label={t('record.open', { name })}
          isPending={opening.opening === row.id}
          onPress={() => opening.open(row)}
        >
          {t('record.openShort')}
        </Button>
        <Button
          kind="quiet"
          aria-label={t('record.rename.of', { name })}
          onPress={() => setAsking('rename')}
        >
          <Pencil size={18} aria-hidden />
        </Button>
        {status === 'AVAILABLE' && (
          <Button
            kind="quiet"
            aria-label={t('record.hide.of', { name })}
            onPress={() => setAsking('hide')}
          >
            <EyeOff size={18} aria-hidden />
          </Button>
        )}
      </div>
      <Rename row={row} open={asking === 'rename'} onClose={() => setAsking(null)} />
      <Hide row={row} open={asking === 'hide'} onClose={() => setAsking(null)} />
    </article>
  )
}

interface Asked {
  row: Row
  open: boolean
  onClose: () => void
}

function Rename({ row, open, onClose }: Asked) {
  const { t } = useTranslation()
  const [{ fetching }, rename] = useMutation(RenameDocument)
  const [fault, setFault] = useState<string | null>(null)

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget).get('name'))
    const { data } = await rename({ input: { documentId: row.id, name } })
    if (data?.renameDocument?.document) return onClose()
    setFault(t(data ? 'record.rename.refused' : 'failed'))
  }

  return (
    <Ask title={t('record.rename.title')} open={open} onClose={onClose}>
      <Form onSubmit={onSubmit} className="form">
        {fault && <Notice kind="bad">{fault}</Notice>}
        <Field
          name="name"
          label={t('record.rename.name')}
          defaultValue={row.name}
          maxLength={255}
          isRequired
          autoFocus
        />
        <div className="pair">
          <Button type="submit" isPending={fetching}>
            {t('record.rename.submit')}
          </Button>
          <Button kind="quiet" onPress={onClose}>
            {t('record.back')}
          </Button>
        </div>
      </Form>
    </Ask>
  )
}

function Hide({ row, open, onClose }: Asked) {
  const { t } = useTranslation()
  const [{ fetching }, hide] = useMutation(HideDocument)
  const [failed, setFailed] = useState(false)

  async function onHide() {
    const { data } = await hide({ input: { documentId: row.id } })
    if (data?.hideDocument?.document) onClose()
    else setFailed(true)
  }

  return (
    <Ask title={t('record.hide.title', { name: row.name })} open={open} onClose={onClose}>
      {failed && <Notice kind="bad">{t('failed')}</Notice>}
      <p>{t('record.hide.text')}</p>
      <div className="pair">
        <Button kind="danger" onPress={onHide} isPending={fetching}>
          {t('record.hide.submit')}
        </Button>
        <Button kind="quiet" onPress={onClose} autoFocus>
          {t('record.back')}
        </Button>
      </div>
    </Ask>
  )
}
