import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'

interface Props {
  hasNextPage: boolean
  endCursor?: string | null
  children: (after: string) => ReactNode
}

/** The next page beneath this one, once it is asked for. */
export function More({ hasNextPage, endCursor, children }: Props) {
  const { t } = useTranslation()
  const [asked, setAsked] = useState(false)
  if (!hasNextPage || !endCursor) return null
  if (asked) return children(endCursor)
  return (
    <Button kind="quiet" onPress={() => setAsked(true)}>
      {t('administration.more')}
    </Button>
  )
}
