import { Component, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './Button'
import { Notice } from './Notice'

interface Props {
  /** Elsewhere it is tried again. */
  place?: string
  children: ReactNode
}

interface State {
  place: string | undefined
  broken: boolean
}

/** Where what is within cannot be shown, since a file of it is gone, say, it says so. */
export class Boundary extends Component<Props, State> {
  override state: State = { place: this.props.place, broken: false }

  static getDerivedStateFromError(): Partial<State> {
    return { broken: true }
  }

  static getDerivedStateFromProps({ place }: Props, state: State): State | null {
    return place === state.place ? null : { place, broken: false }
  }

  override render() {
    return this.state.broken ? <Broken /> : this.props.children
  }
}

function Broken() {
  const { t } = useTranslation()
  return (
    <div className="page">
      <Notice kind="bad">{t('frame.broken')}</Notice>
      <div>
        <Button onPress={() => location.reload()}>{t('frame.again')}</Button>
      </div>
    </div>
  )
}
