import { type FormEvent, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { ToggleButton } from 'react-aria-components/ToggleButton'
import { ToggleButtonGroup } from 'react-aria-components/ToggleButtonGroup'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { date, fits, LONGEST, type Period, PRESETS } from './period'

interface Props {
  period: Period
  onChoose: (query: Record<string, string>) => void
}

/** The last days, or any. */
export function PeriodChoice({ period, onChoose }: Props) {
  const { t } = useTranslation()
  const [wrong, setWrong] = useState(false)

  function choose(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const [from, to] = [String(given.get('from')), String(given.get('to'))]
    const [first, last] = [date(from), date(to)]
    const good = first !== null && last !== null && fits(first, last)
    setWrong(!good)
    if (good) onChoose({ from, to })
  }

  return (
    <div className="period">
      <ToggleButtonGroup
        className="presets"
        aria-label={t('figures.period')}
        selectedKeys={period.days === null ? [] : [period.days]}
        onSelectionChange={([days]) => {
          setWrong(false)
          if (days !== undefined) onChoose({ days: String(days) })
        }}
      >
        {PRESETS.map(days => (
          <ToggleButton key={days} id={days} className="preset">
            {t(`figures.last${days}`)}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <details open={period.days === null}>
        <summary>{t('figures.other')}</summary>
        <Form className="dates" onSubmit={choose} key={`${period.first}${period.last}`}>
          <Field
            type="date"
            name="from"
            label={t('figures.from')}
            defaultValue={period.first.toString()}
          />
          <Field
            type="date"
            name="to"
            label={t('figures.to')}
            defaultValue={period.last.toString()}
          />
          <Button type="submit" kind="quiet">
            {t('figures.show')}
          </Button>
        </Form>
      </details>
      {wrong && <Notice kind="bad">{t('figures.wrong', { days: LONGEST })}</Notice>}
    </div>
  )
}
