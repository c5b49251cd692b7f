import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { Uf } from '../../gql/graphql'
import { ask } from '../../graphql/trusted'
import { mailIn } from '../../i18n/i18n'
import { Choice } from '../../ui/Choice'
import { Field } from '../../ui/Field'
import type { Given } from '../../ui/SentForm'
import { allCities } from '../doctors/cities'
import { ZoneChoice } from '../profile/Choices'
import { PlaceField } from '../profile/PlaceField'
import { placeOf } from '../profile/place'
import { fieldOf, inputOf, type Practised } from '../profile/practised'
import { SpecialtiesField } from '../profile/SpecialtiesField'
import { likelyZone } from '../profile/zones'
import { AccountForm } from './AccountForm'
import { RegisterDoctor } from './accounts'
import { NewPassword } from './NewPassword'
import { UFS } from './ufs'
import { useEntry } from './useEntry'
import '../profile/profile.css'

/** A doctor joins; where no address has to be confirmed first, he is in. */
export default function SignUpDoctor() {
  const { t, i18n } = useTranslation()
  const enter = useEntry()
  const [practised, setPractised] = useState<readonly Practised[]>([])
  const required = { isRequired: true, validationBehavior: 'native' } as const

  async function send(given: Given) {
    const { name = '', email = '', crm = '', password = '', timeZone = '', at = '' } = given
    const city = given.city ? (await allCities()).find(({ id }) => id === given.city) : null
    const language = mailIn(i18n.language)
    const known = { name, email, crm, uf: given.uf as Uf, password, timeZone, language }
    const input = { ...known, ...inputOf(practised), ...placeOf(city ?? null, at) }
    const { doctor, problems } = (await ask(RegisterDoctor, { input })).registerDoctor ?? {}
    if (doctor) await enter('doctor', given)
    return problems
  }

  return (
    <AccountForm
      title={t('accounts.signUpDoctor')}
      lead={t('accounts.doctorLead')}
      submit={t('accounts.create')}
      done={t('accounts.created')}
      send={send}
      fieldOf={path => fieldOf(practised, path)}
      onward={
        <>
          <Link to="/confirm-email">{t('accounts.again')}</Link>
          <Link to="/sign-up">{t('accounts.signUp')}</Link>
        </>
      }
    >
      <Field
        {...required}
        name="name"
        label={t('accounts.name')}
        autoComplete="name"
        minLength={2}
        maxLength={120}
      />
      <div className="side-by-side">
        <Field {...required} name="crm" label={t('signIn.crm')} placeholder="123456" />
        <Choice name="uf" label={t('signIn.uf')} options={UFS} first="SP" />
      </div>
      <Field
        {...required}
        name="email"
        type="email"
        label={t('signIn.email')}
        hint={t('accounts.doctorEmail')}
        autoComplete="email"
      />
      <NewPassword name="password" label={t('signIn.password')} />
      <SpecialtiesField practised={practised} onChange={setPractised} />
      <PlaceField first={null} />
      <ZoneChoice label={t('profile.zone')} first={likelyZone()} />
    </AccountForm>
  )
}
