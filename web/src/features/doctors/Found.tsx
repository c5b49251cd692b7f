import { lazy, Suspense, useState } from 'react'
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { useMedia } from '../../ui/useMedia'
import { Chosen } from './Chosen'
import { FoundDoctor } from './FoundDoctor'
import { ORDERS, type Search } from './filters'
import { type Hit, useFound } from './useFound'

const PracticeMap = lazy(() => import('./map/PracticeMap'))

interface Props {
  search: Search
  query: URLSearchParams
  /** Changes how the results are shown. */
  onShow: (changed: Record<string, string>) => void
}

/** The doctors found, in a list and on a map: side by side where there is room. */
export function Found({ search, query, onShow }: Props) {
  const { t } = useTranslation()
  const wide = useMedia('(width >= 62.5rem)')
  const { hits, failed, fetching, more, reload } = useFound(search)
  const [active, setActive] = useState<string | null>(null)
  if (!hits) return failed ? <Failed onRetry={reload} /> : <Loading />
  if (hits.length === 0) return <Nobody query={query} />
  const list = <List hits={hits} onActive={setActive} />
  const map = (
    <Suspense fallback={<Loading />}>
      <PracticeMap
        hits={hits}
        active={active}
        here={search.filter.near ?? null}
        withinKm={search.filter.withinKm ?? null}
      />
    </Suspense>
  )
  return (
    <>
      <div className="results-head">
        <h2 role="status">{t(more ? 'map.first' : 'map.count', { count: hits.length })}</h2>
        <Order search={search} onShow={onShow} />
      </div>
      <Chosen query={query} label={t('map.filters')} />
      {wide ? (
        <div className="with-map">
          {list}
          <div className="map-side">{map}</div>
        </div>
      ) : (
        <Tabs
          selectedKey={query.get('view') === 'map' ? 'map' : 'list'}
          onSelectionChange={view => onShow({ view: view === 'map' ? 'map' : '' })}
        >
          <TabList aria-label={t('map.view')} className="tabs">
            <Tab id="list" className="tab">
              {t('map.list')}
            </Tab>
            <Tab id="map" className="tab">
              {t('map.map')}
            </Tab>
          </TabList>
          <TabPanel id="list">{list}</TabPanel>
          <TabPanel id="map">{map}</TabPanel>
        </Tabs>
      )}
      {failed && <Failed onRetry={reload} />}
      {more && !failed && (
        <Button kind="quiet" onPress={more} isPending={fetching}>
          {t('doctors.more')}
        </Button>
      )}
    </>
  )
}

interface ListProps {
  hits: readonly Hit[]
  onActive: (id: string | null) => void
}

function List({ hits, onActive }: ListProps) {
  return (
    <ul className="cards found">
      {hits.map(hit => (
        <li
          key={hit.doctor.id}
          onMouseEnter={() => onActive(hit.doctor.id)}
          onMouseLeave={() => onActive(null)}
          onFocus={() => onActive(hit.doctor.id)}
          onBlur={() => onActive(null)}
        >
          <FoundDoctor hit={hit} />
        </li>
      ))}
    </ul>
  )
}

function Order({ search, onShow }: Pick<Props, 'search' | 'onShow'>) {
  const { t } = useTranslation()
  const possible = ORDERS.filter(order => order !== 'DISTANCE' || search.filter.near)
  return (
    <label className="order">
      <span>{t('doctors.order')}</span>
      <select
        className="choice"
        value={search.orderBy}
        onChange={({ target }) => onShow({ order: target.value })}
      >
        {possible.map(order => (
          <option key={order} value={order}>
            {t(`doctors.orders.${order}`)}
          </option>
        ))}
      </select>
    </label>
  )
}

function Nobody({ query }: { query: URLSearchParams }) {
  const { t } = useTranslation()
  return (
    <div className="empty">
      <p role="status">{t('doctors.none')}</p>
      <Chosen query={query} label={t('map.loosen')} />
    </div>
  )
}

function Failed({ onRetry }: { onRetry: () => void }) {
  const { t } = useTranslation()
  return (
    <>
      <Notice kind="bad">{t('failed')}</Notice>
      <Button onPress={onRetry}>{t('tryAgain')}</Button>
    </>
  )
}
