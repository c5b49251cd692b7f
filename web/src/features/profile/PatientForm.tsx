import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import type { Language } from '../../gql/graphql'
import { Field } from '../../ui/Field'
import type { Given } from '../../ui/SentForm'
import { LanguageChoice, ZoneChoice } from './Choices'
import { type OwnPatient, UpdatePatient } from './operations'
import { ProfileForm } from './ProfileForm'

export function PatientForm({ known }: { known: OwnPatient }) {
  const { t } = useTranslation()
  const [, update] = useMutation(UpdatePatient)
  const { patient, email, language, timeZone } = known

  async function send({ birthDate, ...given }: Given) {
    const input = {
      name: given.name ?? '',
      email: given.email ?? '',
      birthDate: birthDate || null,
      language: given.language as Language,
      timeZone: given.timeZone ?? timeZone,
    }
    const { data, error } = await update({ input })
    if (!data?.updatePatient) throw error
    return data.updatePatient.problems
  }

  return (
    <ProfileForm
      fixed={[[t('signIn.cpf'), patient.cpf]]}
      fixedHint={t('profile.cpfHint')}
      send={send}
    >
      {onChosen => (
        <>
          <Field
            name="name"
            label={t('accounts.name')}
            defaultValue={patient.name}
            autoComplete="name"
            minLength={2}
            maxLength={120}
            isRequired
          />
          <Field
            name="email"
            type="email"
            label={t('signIn.email')}
            hint={t('profile.emailHint')}
            defaultValue={email}
            autoComplete="email"
            isRequired
          />
          <Field
            name="birthDate"
            type="date"
            label={t('accounts.birthDate')}
            defaultValue={patient.birthDate ?? ''}
            autoComplete="bday"
          />
          <LanguageChoice first={language} onChange={onChosen} />
          <ZoneChoice label={t('profile.mailZone')} first={timeZone} onChange={onChosen} />
        </>
      )}
    </ProfileForm>
  )
}
