import { Star } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { day } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { Reviews as Read } from './operations'

/** One page of what patients say; and the next one, once somebody wants it. */
export function Reviews({ doctorId, after }: { doctorId: string; after?: string }) {
  const { t, i18n } = useTranslation()
  const [more, setMore] = useState(false)
  const [{ data, error }] = useQuery({ query: Read, variables: { doctorId, after: after ?? null } })
  const page = data?.node && 'reviews' in data.node ? data.node.reviews : null
  if (!page) return error ? <Notice kind="bad">{t('failed')}</Notice> : <Loading />
  const next = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
  if (page.nodes.length === 0) return <p className="quiet">{t('doctors.reviews.none')}</p>
  return (
    <>
      <ul className="cards">
        {page.nodes.map(({ stars, comment, at }, number) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: whose it is nobody is told, and it stays
          <li key={number} className="card review">
            <p className="rated">
              <span role="img" aria-label={t('doctors.stars', { average: stars })}>
                {Array.from({ length: 5 }, (_, each) => (
                  <Star
                    // biome-ignore lint/suspicious/noArrayIndexKey: five of them, always
                    key={each}
                    size={16}
                    aria-hidden
                    className={each < stars ? 'star' : 'star off'}
                  />
                ))}
              </span>
              <span className="quiet">{day(`${at}T12:00:00Z`, i18n.language, 'UTC')}</span>
            </p>
            {comment && <p className="words">{comment}</p>}
          </li>
        ))}
      </ul>
      {next && more && <Reviews doctorId={doctorId} after={next} />}
      {next && !more && (
        <Button kind="quiet" onPress={() => setMore(true)}>
          {t('doctors.reviews.more')}
        </Button>
      )}
    </>
  )
}
