import type { ReactNode } from 'react'
import { Dialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'

interface Props {
  title: string
  open: boolean
  onClose: () => void
  /** It is put away by its own buttons alone. */
  firm?: boolean
  children: ReactNode
}

/** A question that has to be answered, or put away, before anything else. */
export function Ask({ title, open, onClose, firm = false, children }: Props) {
  return (
    <ModalOverlay
      isOpen={open}
      onOpenChange={now => !now && onClose()}
      isDismissable={!firm}
      isKeyboardDismissDisabled={firm}
      className="overlay"
    >
      <Modal className="modal">
        <Dialog className="dialog">
          <Heading slot="title">{title}</Heading>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
