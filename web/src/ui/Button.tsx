import { type ButtonProps, Button as Plain } from 'react-aria-components/Button'

type Kind = 'main' | 'quiet' | 'danger'

export function Button({ kind = 'main', ...props }: ButtonProps & { kind?: Kind }) {
  return <Plain {...props} className={`button ${kind}`} />
}
