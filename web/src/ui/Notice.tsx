import { CircleAlert, Info } from 'lucide-react'
import type { ReactNode } from 'react'

/** Something to know, said aloud by screen readers when it appears. */
export function Notice({
  kind = 'info',
  children,
}: {
  kind?: 'info' | 'bad'
  children: ReactNode
}) {
  const Sign = kind === 'bad' ? CircleAlert : Info
  return (
    <p className={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
      <Sign size={20} aria-hidden />
      <span>{children}</span>
    </p>
  )
}
