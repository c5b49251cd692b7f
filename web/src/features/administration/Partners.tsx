import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import { Button } from '../../ui/Button'
import { More } from './More'
import { PartnerCard } from './PartnerCard'
import { PartnerForm } from './PartnerForm'
import { PartnerRow, Partners as Query } from './partners'
import { Secret, type Told } from './Secret'
import { Unread } from './Unread'

/** Programs of others, and their secrets, each of which is shown once. */
export default function Partners() {
  const { t } = useTranslation()
  const [adding, setAdding] = useState(false)
  const [told, setTold] = useState<Told | null>(null)
  const title = t('administration.partners.title')
  return (
    <div className="page">
      <title>{title}</title>
      <h1>{title}</h1>
      <p className="quiet">{t('administration.partners.lead')}</p>
      <div>
        <Button onPress={() => setAdding(true)}>
          <Plus size={18} aria-hidden /> {t('administration.partners.add')}
        </Button>
      </div>
      <Rows after={null} onSecret={setTold} />
      {adding && <PartnerForm onClose={() => setAdding(false)} onSecret={setTold} />}
      {told && <Secret told={told} onClose={() => setTold(null)} />}
    </div>
  )
}

function Rows({ after, onSecret }: { after: string | null; onSecret: (told: Told) => void }) {
  const { t } = useTranslation()
  const [{ data, error }, reload] = useQuery({
    query: Query,
    variables: { first: 20, after },
    requestPolicy: 'cache-and-network',
  })
  const viewer = data?.viewer
  const page = viewer && 'partners' in viewer ? viewer.partners : null
  if (!page) return <Unread error={error} reload={reload} />
  const partners = unmask(PartnerRow, page.nodes)
  if (partners.length === 0 && after === null) {
    return <p className="empty">{t('administration.partners.none')}</p>
  }
  return (
    <>
      <ul className="cards">
        {partners.map(partner => (
          <li key={partner.id}>
            <PartnerCard partner={partner} onSecret={onSecret} />
          </li>
        ))}
      </ul>
      <More {...page.pageInfo}>{next => <Rows after={next} onSecret={onSecret} />}</More>
    </>
  )
}
