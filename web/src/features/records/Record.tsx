import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { Notice } from '../../ui/Notice'
import { Accesses } from './Accesses'
import { Documents } from './Documents'
import { Shares } from './Shares'
import { sentence } from './sentence'
import { useAccessed } from './useAccessed'
import './record.css'

const PARTS = ['documents', 'shares', 'accesses'] as const

/** A patient's own record. */
export default function Record() {
  const { t } = useTranslation()
  const [parameters, setParameters] = useSearchParams()
  const latest = useAccessed()
  return (
    <div className="page record">
      <title>{t('record.title')}</title>
      <h1>{t('record.title')}</h1>
      {latest && <Notice key={latest.cursor}>{sentence(latest, t)}</Notice>}
      <Tabs
        selectedKey={PARTS.find(part => part === parameters.get('part')) ?? PARTS[0]}
        onSelectionChange={part => setParameters({ part: String(part) }, { replace: true })}
      >
        <TabList aria-label={t('record.title')} className="tabs">
          {PARTS.map(part => (
            <Tab key={part} id={part} className="tab">
              {t(`record.parts.${part}`)}
            </Tab>
          ))}
        </TabList>
        <TabPanel id="documents" className="part">
          <Documents />
        </TabPanel>
        <TabPanel id="shares" className="part">
          <Shares />
        </TabPanel>
        <TabPanel id="accesses" className="part">
          <p className="quiet">{t('record.accesses.lead')}</p>
          <Accesses />
        </TabPanel>
      </Tabs>
    </div>
  )
}
