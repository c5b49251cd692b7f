import { X } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { Dialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { save } from './save'
import type { Shown } from './useOpening'

const PdfViewer = lazy(() => import('./pdf/PdfViewer'))

/** A document of a record, as large as the screen lets it be. */
export function Viewer({ shown, onClose }: { shown: Shown | null; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <ModalOverlay
      isOpen={shown !== null}
      onOpenChange={now => !now && onClose()}
      isDismissable
      className="overlay"
    >
      <Modal className={`modal viewer ${shown?.kind === 'pdf' ? 'paged' : ''}`}>
        <Dialog className="dialog">
          <div className="heading">
            <Heading slot="title">{shown?.name}</Heading>
            <Button kind="quiet" aria-label={t('close')} onPress={onClose}>
              <X size={18} aria-hidden />
            </Button>
          </div>
          {shown?.kind === 'picture' && <img src={shown.source} alt={shown.name} />}
          {shown?.kind === 'pdf' && (
            <Suspense fallback={<Loading />}>
              <PdfViewer content={shown.content} name={shown.name} />
            </Suspense>
          )}
          {shown && (
            <Button kind="quiet" onPress={() => save(shown.source, shown.name)}>
              {t('record.save')}
            </Button>
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
