import { X } from 'lucide-react'
import { Dialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'
import { save } from './save'
import type { Picture } from './useOpening'

/** A picture of a record, as large as the screen lets it be. */
export function Viewer({ picture, onClose }: { picture: Picture | null; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <ModalOverlay
      isOpen={picture !== null}
      onOpenChange={now => !now && onClose()}
      isDismissable
      className="overlay"
    >
      <Modal className="modal viewer">
        <Dialog className="dialog">
          <div className="heading">
            <Heading slot="title">{picture?.name}</Heading>
            <Button kind="quiet" aria-label={t('close')} onPress={onClose}>
              <X size={18} aria-hidden />
            </Button>
          </div>
          {picture && <img src={picture.source} alt={picture.name} />}
          {picture && (
            <Button kind="quiet" onPress={() => save(picture.source, picture.name)}>
              {t('record.save')}
            </Button>
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
