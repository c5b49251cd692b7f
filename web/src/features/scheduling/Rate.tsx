import { type FormEvent, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { Label } from 'react-aria-components/Label'
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { type Card, Rate as RateVisit } from './operations'

/** What the patient says of a visit that has taken place. */
export function Rate({ card }: { card: Card }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const [stars, setStars] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const [{ fetching }, rate] = useMutation(RateVisit)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (stars === '') return setFault(t('own.rating.missing'))
    const comment = String(new FormData(event.currentTarget).get('comment')).trim() || null
    const input = { appointmentId: card.id, stars: Number(stars), comment }
    const { data, error } = await rate({ input })
    const problems = data?.reviewAppointment?.problems
    if (error || !problems) return setFault(t('failed'))
    if (problems.length) return setFault(t('own.rating.refused'))
    setOpen(false)
  }

  if (card.review) {
    return <span className="quiet">{t('own.rating.given', { stars: card.review.stars })}</span>
  }
  return (
    <>
      <Button kind="quiet" onPress={() => setOpen(true)}>
        {t('own.rate')}
      </Button>
      <Ask
        title={t('own.rating.title', { name: card.doctor.name })}
        open={open}
        onClose={() => setOpen(false)}
      >
        <Form onSubmit={submit} className="form">
          {fault && <Notice kind="bad">{fault}</Notice>}
          <RadioGroup value={stars} onChange={setStars} orientation="horizontal" className="field">
            <Label>{t('own.rating.stars')}</Label>
            <div className="pair">
              {['1', '2', '3', '4', '5'].map(number => (
                <Radio key={number} value={number} className="stars-choice">
                  {number}
                </Radio>
              ))}
            </div>
          </RadioGroup>
          <Field
            name="comment"
            label={t('own.rating.comment')}
            hint={t('own.rating.hint')}
            lines={4}
            maxLength={2000}
          />
          <div className="pair">
            <Button type="submit" isPending={fetching}>
              {t('own.rating.submit')}
            </Button>
            <Button kind="quiet" onPress={() => setOpen(false)}>
              {t('own.back')}
            </Button>
          </div>
        </Form>
      </Ask>
    </>
  )
}
