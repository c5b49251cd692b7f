import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useMutation } from 'urql'
import type { Language } from '../../gql/graphql'
import { Field } from '../../ui/Field'
import { Loading } from '../../ui/Loading'
import type { Given } from '../../ui/SentForm'
import type { City } from '../doctors/cities'
import { useCities } from '../doctors/useCities'
import { LanguageChoice, ZoneChoice } from './Choices'
import { type OwnDoctor, UpdateDoctor } from './operations'
import { PlaceField } from './PlaceField'
import { ProfileForm } from './ProfileForm'
import { cityOf, type Place, placeOf } from './place'
import { fieldOf, inputOf, type Practised } from './practised'
import { SpecialtiesField } from './SpecialtiesField'

export function DoctorForm({ known }: { known: OwnDoctor }) {
  const { t } = useTranslation()
  const [, update] = useMutation(UpdateDoctor)
  const { cities, failed } = useCities(true)
  const { doctor, email, language, registration } = known
  const [saved, setSaved] = useState(() => practisedBy(doctor))
  const [practised, setPractised] = useState(saved)
  if (!cities && !failed) return <Loading />
  const place = { city: doctor.city ?? null, location: doctor.location ?? null }
  const city = cityOf(cities ?? [], place)
  const at = knownBetter(place, city)

  async function send(given: Given) {
    const chosen = cities?.find(({ id }) => id === given.city) ?? null
    const moved = (given.city ?? '') !== (city?.id ?? '') || given.at !== at
    const input = {
      name: given.name ?? '',
      timeZone: given.timeZone ?? doctor.timeZone,
      language: given.language as Language,
      ...inputOf(practised),
      ...(moved && placeOf(chosen, given.at ?? '')),
    }
    const { data, error } = await update({ input })
    if (!data?.updateDoctor) throw error
    if (data.updateDoctor.problems.length === 0) setSaved(practised)
    return data.updateDoctor.problems
  }

  return (
    <ProfileForm
      fixed={[
        [t('signIn.crm'), `${doctor.crm}/${doctor.uf}`],
        [t('signIn.email'), email],
      ]}
      fixedHint={t('profile.crmHint')}
      send={send}
      fieldOf={path => fieldOf(practised, path)}
      changed={practised !== saved}
    >
      {onChosen => (
        <>
          {registration.status === 'VERIFIED' && (
            <p>
              <Link to={`/doctors/${doctor.crm}-${doctor.uf}`}>{t('profile.asSeen')}</Link>
            </p>
          )}
          <Field
            name="name"
            label={t('accounts.name')}
            defaultValue={doctor.name}
            autoComplete="name"
            minLength={2}
            maxLength={120}
            isRequired
          />
          <SpecialtiesField practised={practised} onChange={setPractised} />
          <PlaceField first={city} firstAt={at} onChange={onChosen} />
          <ZoneChoice label={t('profile.zone')} first={doctor.timeZone} onChange={onChosen} />
          <LanguageChoice first={language} onChange={onChosen} />
        </>
      )}
    </ProfileForm>
  )
}

/** Where it is, if that is not just the middle of its city. */
function knownBetter({ location }: Place, city: City | null): string {
  if (!location) return ''
  const { latitude, longitude } = location
  const middle = latitude === city?.latitude && longitude === city?.longitude
  return middle ? '' : `${latitude},${longitude}`
}

function practisedBy({ specialties, specialistIn }: OwnDoctor['doctor']): readonly Practised[] {
  const registered = new Map(specialistIn.map(({ specialty, rqe }) => [specialty.code, rqe]))
  return specialties.map(({ code }) => ({ code, rqe: registered.get(code) ?? '' }))
}
