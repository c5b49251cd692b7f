import { CircleCheck, CloudUpload, RotateCcw, TriangleAlert, X } from 'lucide-react'
import { useEffect, useSyncExternalStore } from 'react'
import { DropZone } from 'react-aria-components/DropZone'
import { FileTrigger } from 'react-aria-components/FileTrigger'
import type { FileDropItem } from 'react-aria-components/ListBox'
import { ProgressBar } from 'react-aria-components/ProgressBar'
import { Text } from 'react-aria-components/Text'
import { useTranslation } from 'react-i18next'
import { useClient } from 'urql'
import { Button } from '../../ui/Button'
import { MOST } from './content'
import { uploadsOf } from './sending'
import type { Upload, Uploads } from './uploads'

const TAKEN = ['application/pdf', 'image/jpeg', 'image/png', 'application/dicom', '.dcm']

/** Where files are dropped or chosen, and how far each of them is. */
export function Uploader() {
  const { t } = useTranslation()
  const uploads = uploadsOf(useClient())
  const all = useSyncExternalStore(uploads.subscribe, () => uploads.all)
  useWarning(uploads.busy)
  return (
    <section className="uploader" aria-label={t('record.upload.title')}>
      <DropZone
        className="drop card"
        onDrop={async ({ items }) => {
          const files = items.filter((item): item is FileDropItem => item.kind === 'file')
          uploads.add(await Promise.all(files.map(file => file.getFile())))
        }}
      >
        <CloudUpload size={30} aria-hidden />
        <Text slot="label">
          <span className="wide">{t('record.upload.drop')} </span>
          {t('record.upload.kinds', { most: MOST / 2 ** 20 })}
        </Text>
        <FileTrigger
          allowsMultiple
          acceptedFileTypes={TAKEN}
          onSelect={files => uploads.add(files ?? [])}
        >
          <Button>{t('record.upload.choose')}</Button>
        </FileTrigger>
        <p className="hint">{t('record.upload.photographs')}</p>
      </DropZone>
      {all.length > 0 && (
        <ul className="uploads">
          {all.map(upload => (
            <li key={upload.id}>
              <Going upload={upload} uploads={uploads} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Going({ upload, uploads }: { upload: Upload; uploads: Uploads }) {
  const { t } = useTranslation()
  const { id, name, stage, sent, fault, redrawn } = upload
  const over = stage === 'done' || stage === 'failed' || stage === 'cancelled'
  return (
    <div className={`upload ${stage}`}>
      <div className="about">
        <strong>{name}</strong>
        {over ? (
          <span className="told" role="status">
            {stage === 'done' ? (
              <CircleCheck size={18} aria-hidden />
            ) : (
              <TriangleAlert size={18} aria-hidden />
            )}
            {fault ? t(`record.upload.faults.${fault}`) : t(`record.upload.stages.${stage}`)}
          </span>
        ) : (
          <ProgressBar
            className="progress"
            value={sent * 100}
            isIndeterminate={stage === 'checking' || stage === 'preparing'}
            aria-label={t('record.upload.progress', { name })}
          >
            <span className="bar">
              <span style={{ inlineSize: `${sent * 100}%` }} />
            </span>
            <span className="quiet">
              {t(`record.upload.stages.${stage}`, { percent: Math.round(sent * 100) })}
            </span>
          </ProgressBar>
        )}
        {redrawn && stage !== 'failed' && stage !== 'cancelled' && (
          <span className="hint">{t('record.upload.redrawn')}</span>
        )}
      </div>
      <div className="pair">
        {(stage === 'failed' || stage === 'cancelled') && (
          <Button
            kind="quiet"
            aria-label={t('record.upload.retry', { name })}
            onPress={() => uploads.retry(id)}
          >
            <RotateCcw size={18} aria-hidden />
          </Button>
        )}
        <Button
          kind="quiet"
          aria-label={t(over ? 'record.upload.dismiss' : 'record.upload.cancel', { name })}
          onPress={() => (over ? uploads.dismiss(id) : uploads.cancel(id))}
        >
          <X size={18} aria-hidden />
        </Button>
      </div>
    </div>
  )
}

/** Whoever closes the page while files are on their way is asked whether he means it. */
function useWarning(busy: boolean): void {
  useEffect(() => {
    if (!busy) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', warn)
    return () => removeEventListener('beforeunload', warn)
  }, [busy])
}
