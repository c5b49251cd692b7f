import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { ceiling } from './worded'

export interface Series {
  name: string
  colour: 'first' | 'second' | 'third' | 'outline'
  values: readonly number[]
}

interface Props {
  title: string
  /** What a column stands for, one for each value. */
  labels: readonly string[]
  /** From the bottom of a column up; of those with an outline, around it. */
  series: readonly Series[]
  say: (value: number) => string
  axis: string
}

const HEIGHT = 100 // of the drawing; its width is one for each column

/** Columns over time, and the same in a table for whoever does not see them, or wants the numbers. */
export function Columns({ title, labels, series, say, axis }: Props) {
  const { t } = useTranslation()
  const id = useId()
  const stacked = series.filter(({ colour }) => colour !== 'outline')
  const around = series.filter(({ colour }) => colour === 'outline')
  const sums = labels.map((_, at) => sum(stacked.map(({ values }) => values[at] ?? 0)))
  const most = ceiling(Math.max(...sums, ...around.flatMap(({ values }) => values)))
  const middle = Math.floor((labels.length - 1) / 2)
  return (
    <figure className="card chart" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {series.length > 1 && (
        <ul className="legend">
          {series.map(({ name, colour }) => (
            <li key={name}>
              <span className={`swatch ${colour}`} aria-hidden /> {name}
            </li>
          ))}
        </ul>
      )}
      <div className="plot">
        <div className="scale" aria-hidden>
          <span>{say(most)}</span>
          <span>{say(most / 2)}</span>
          <span>{say(0)}</span>
        </div>
        <svg
          role="img"
          aria-label={series.map(({ name, values }) => `${name} ${say(sum(values))}`).join(', ')}
          viewBox={`0 0 ${labels.length} ${HEIGHT}`}
          preserveAspectRatio="none"
        >
          {[0, HEIGHT / 2, HEIGHT].map(y => (
            <line key={y} className="grid" x1="0" x2={labels.length} y1={y} y2={y} />
          ))}
          {labels.map((label, at) => (
            <Column
              key={label}
              at={at}
              most={most}
              stacked={stacked.map(({ colour, values }) => [colour, values[at] ?? 0])}
              around={around.map(({ colour, values }) => [colour, values[at] ?? 0])}
              told={`${label}: ${series.map(({ name, values }) => `${name} ${say(values[at] ?? 0)}`).join(', ')}`}
            />
          ))}
        </svg>
        <div className="ends" aria-hidden>
          <span>{labels[0]}</span>
          {labels.length > 2 && <span>{labels[middle]}</span>}
          {labels.length > 1 && <span>{labels.at(-1)}</span>}
        </div>
      </div>
      <details>
        <summary>{t('figures.table')}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
        <section className="scrolled" tabIndex={0} aria-label={title}>
          <table>
            <thead>
              <tr>
                <th scope="col">{axis}</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {labels.map((label, at) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {series.map(({ name, values }) => (
                    <td key={name}>{say(values[at] ?? 0)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </figure>
  )
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

interface ColumnProps {
  at: number
  most: number
  stacked: readonly (readonly [colour: string, value: number])[]
  around: readonly (readonly [colour: string, value: number])[]
  told: string
}

function Column({ at, most, stacked, around, told }: ColumnProps) {
  const high = (value: number) => (value / most) * HEIGHT
  let top = HEIGHT
  return (
    <g>
      <title>{told}</title>
      <rect className="reach" x={at} width="1" y="0" height={HEIGHT} />
      {stacked.map(([colour, value]) => {
        top -= high(value)
        return (
          <rect
            key={colour}
            className={colour}
            x={at + 0.15}
            width="0.7"
            y={top}
            height={high(value)}
          />
        )
      })}
      {around.map(([colour, value]) => (
        <rect
          key={colour}
          className={colour}
          x={at + 0.08}
          width="0.84"
          y={HEIGHT - high(value)}
          height={high(value)}
        />
      ))}
    </g>
  )
}
