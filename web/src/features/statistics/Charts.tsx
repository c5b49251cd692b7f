import { useTranslation } from 'react-i18next'
import { Bars } from './Bars'
import { Columns } from './Columns'
import type { Statistics } from './operations'
import { duration, hours, percent, shortDay } from './worded'

/** All that there is to see of a time. */
export function Charts({ told }: { told: Statistics }) {
  const { t, i18n } = useTranslation()
  const { language } = i18n
  const count = (value: number) => value.toLocaleString(language)
  const labels = told.series.map(({ startsOn }) => shortDay(startsOn, language))
  const of = (name: 'requests' | 'completed' | 'cancelled' | 'noShows') =>
    told.series.map(point => point[name])
  const axis = t(told.step === 'DAY' ? 'figures.day' : 'figures.week')
  return (
    <>
      <dl className="tiles">
        <Tile name={t('figures.completed')} value={count(told.completed)} />
        <Tile
          name={t('figures.occupied')}
          value={told.occupiedShare == null ? null : percent(told.occupiedShare, language)}
        />
        <Tile
          name={t('figures.answer')}
          value={
            told.answerSecondsMedian == null ? null : duration(told.answerSecondsMedian, language)
          }
          more={
            told.answerSecondsP90 == null
              ? undefined
              : t('figures.p90', { time: duration(told.answerSecondsP90, language) })
          }
        />
        <Tile
          name={t('figures.rating')}
          value={
            told.averageStars == null
              ? null
              : told.averageStars.toLocaleString(language, { maximumFractionDigits: 1 })
          }
          more={t('figures.reviews', { count: told.reviews })}
        />
      </dl>
      <Columns
        title={t('figures.visits')}
        labels={labels}
        axis={axis}
        say={count}
        series={[
          { name: t('figures.completed'), colour: 'first', values: of('completed') },
          { name: t('figures.cancelled'), colour: 'second', values: of('cancelled') },
          { name: t('figures.noShows'), colour: 'third', values: of('noShows') },
        ]}
      />
      <Columns
        title={t('figures.time')}
        labels={labels}
        axis={axis}
        say={minutes => hours(minutes, language)}
        series={[
          {
            name: t('figures.taken'),
            colour: 'first',
            values: told.series.map(({ occupiedMinutes }) => occupiedMinutes),
          },
          {
            name: t('figures.published'),
            colour: 'outline',
            values: told.series.map(({ publishedMinutes }) => publishedMinutes),
          },
        ]}
      />
      <Columns
        title={t('figures.requests')}
        labels={labels}
        axis={axis}
        say={count}
        series={[{ name: t('figures.requests'), colour: 'first', values: of('requests') }]}
      />
      <div className="charts">
        <Bars
          title={t('figures.outcome')}
          rows={[
            { name: t('figures.accepted'), value: told.accepted },
            { name: t('figures.declined'), value: told.declined, colour: 'second' },
            { name: t('figures.expired'), value: told.expired, colour: 'third' },
            { name: t('figures.withdrawn'), value: told.withdrawn, colour: 'second' },
            { name: t('figures.waiting'), value: told.waiting, colour: 'third' },
          ]}
        />
        <Bars
          title={t('figures.cancellations')}
          rows={[
            { name: t('figures.byPatient'), value: told.cancelledByPatient, colour: 'second' },
            { name: t('figures.byDoctor'), value: told.cancelledByDoctor, colour: 'second' },
            { name: t('figures.bySystem'), value: told.cancelledBySystem, colour: 'second' },
          ]}
        />
        <Bars
          title={t('figures.ratings')}
          rows={told.stars
            .map((value, number) => ({ name: t('figures.stars', { count: number + 1 }), value }))
            .reverse()}
        />
      </div>
    </>
  )
}

function Tile({ name, value, more }: { name: string; value: string | null; more?: string }) {
  const { t } = useTranslation()
  return (
    <div className="card tile">
      <dt>{name}</dt>
      <dd>
        {value ?? (
          <>
            <span aria-hidden>–</span>
            <span className="unseen">{t('figures.unknown')}</span>
          </>
        )}
        {more && <small>{more}</small>}
      </dd>
    </div>
  )
}
