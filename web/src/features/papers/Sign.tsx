import type { FormEvent } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { unmask } from '../../gql'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { useFaults } from '../../ui/useFaults'
import { Issued, type Paper, PaperRow, SignPaper } from './papers'

interface Props {
  paper: Paper
  onClose: () => void
  onSigned: (paper: Paper) => void
}

/** With a certificate of ICP-Brasil in a file. Neither it nor what opens it is kept anywhere. */
export function Sign({ paper, onClose, onSigned }: Props) {
  const { t } = useTranslation()
  const { faults, setFaults, form } = useFaults()
  const [{ fetching }, sign] = useMutation(SignPaper)

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const pkcs12 = await base64(given.get('pkcs12') as File)
    const passphrase = String(given.get('passphrase'))
    const { data } = await sign({ input: { documentId: paper.id, pkcs12, passphrase } })
    const answered = unmask(Issued, data?.signPaper)
    const signed = unmask(PaperRow, answered?.document)
    if (signed) {
      onClose()
      return onSigned(signed)
    }
    const [problem] = answered?.problems ?? []
    if (!problem) return setFaults({ '': t('failed') })
    const field = (['pkcs12', 'passphrase'] as const).find(each => each === problem.path[0])
    setFaults({ [field ?? '']: t(`papers.sign.faults.${field ?? 'other'}`) })
  }

  return (
    <Ask title={t('papers.sign.title', { name: paper.name })} open onClose={onClose}>
      <Form onSubmit={onSubmit} {...form} className="form">
        <p>{t('papers.sign.text')}</p>
        {faults[''] && <Notice kind="bad">{faults['']}</Notice>}
        {faults.pkcs12 && <Notice kind="bad">{faults.pkcs12}</Notice>}
        <label className="field">
          <span>{t('papers.sign.file')}</span>
          <input type="file" name="pkcs12" accept=".pfx,.p12" required />
        </label>
        <Field
          name="passphrase"
          type="password"
          label={t('papers.sign.passphrase')}
          autoComplete="off"
          isRequired
        />
        <div className="pair">
          <Button type="submit" isPending={fetching}>
            {t('papers.sign.submit')}
          </Button>
          <Button kind="quiet" onPress={onClose}>
            {t('record.back')}
          </Button>
        </div>
      </Form>
    </Ask>
  )
}

async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''))
}
