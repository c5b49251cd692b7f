import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useClient } from 'urql'
import type { Uf } from '../../gql/graphql'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { Options } from './Options'
import { type Doctor, DoctorByCrm } from './shares'

const STATES =
  'AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO'.split(' ')

interface Props {
  known: readonly Doctor[]
  onChoose: (doctor: Doctor | null) => void
}

/** One of the doctors of one's own appointments, or another one by his number. */
export function DoctorChoice({ known, onChoose }: Props) {
  const { t } = useTranslation()
  const doctors = [...new Map(known.map(doctor => [doctor.id, doctor])).values()]
  const [choice, setChoice] = useState(doctors.length === 0 ? 'other' : '')
  return (
    <>
      {doctors.length > 0 && (
        <Options
          label={t('record.sharing.whom')}
          value={choice}
          onChange={id => {
            setChoice(id)
            onChoose(doctors.find(doctor => doctor.id === id) ?? null)
          }}
          options={[
            ...doctors.map(({ id, name, crm, uf }) => ({ id, text: `${name} (CRM ${crm}/${uf})` })),
            { id: 'other', text: t('record.sharing.other') },
          ]}
        />
      )}
      {choice === 'other' && <ByCrm onChoose={onChoose} />}
    </>
  )
}

function ByCrm({ onChoose }: { onChoose: (doctor: Doctor | null) => void }) {
  const { t } = useTranslation()
  const client = useClient()
  const [crm, setCrm] = useState('')
  const [uf, setUf] = useState<Uf>('SP')
  const [found, setFound] = useState<Doctor | 'nobody' | null>(null)

  async function onFind() {
    const { data } = await client.query(DoctorByCrm, { crm: crm.trim(), uf }).toPromise()
    setFound(data?.doctor ?? 'nobody')
    onChoose(data?.doctor ?? null)
  }

  return (
    <>
      <div className="side-by-side">
        <Field label={t('signIn.crm')} value={crm} onChange={setCrm} inputMode="numeric" />
        <label className="field">
          <span>{t('signIn.uf')}</span>
          <select value={uf} onChange={event => setUf(event.target.value as Uf)}>
            {STATES.map(state => (
              <option key={state}>{state}</option>
            ))}
          </select>
        </label>
      </div>
      <Button kind="quiet" onPress={onFind} isDisabled={crm.trim() === ''}>
        {t('record.sharing.find')}
      </Button>
      {found === 'nobody' && <Notice kind="bad">{t('record.sharing.nobody')}</Notice>}
      {found && found !== 'nobody' && (
        <Notice>{t('record.sharing.found', { name: found.name })}</Notice>
      )}
    </>
  )
}
