import { type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { percent } from './worded'

interface Props {
  title: string
  rows: readonly { name: string; value: number; colour?: 'first' | 'second' | 'third' }[]
  /** What is said beside them. */
  children?: ReactNode
}

/** A table whose rows are drawn, too: each as its share of all. */
export function Bars({ title, rows, children }: Props) {
  const { i18n } = useTranslation()
  const id = useId()
  const all = rows.reduce((sum, { value }) => sum + value, 0)
  return (
    <section className="card chart" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
      <table className="bars" aria-labelledby={id}>
        <tbody>
          {rows.map(({ name, value, colour = 'first' }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="drawn">
                <svg aria-hidden viewBox="0 0 100 10" preserveAspectRatio="none">
                  <rect className="ground" width="100" height="10" />
                  <rect className={colour} width={all ? (100 * value) / all : 0} height="10" />
                </svg>
              </td>
              <td>{value.toLocaleString(i18n.language)}</td>
              <td className="quiet">{percent(all ? value / all : 0, i18n.language)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
