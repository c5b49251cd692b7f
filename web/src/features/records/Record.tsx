import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { Documents } from './Documents'
import './record.css'

const PARTS = ['documents'] as const

/** A patient's own record. */
export default function Record() {
  const { t } = useTranslation()
  const [parameters, setParameters] = useSearchParams()
  return (
    <div className="page record">
      <title>{t('record.title')}</title>
      <h1>{t('record.title')}</h1>
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
      </Tabs>
    </div>
  )
}
