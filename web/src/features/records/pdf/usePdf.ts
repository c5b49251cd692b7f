import type { PDFDocumentLoadingTask, PDFDocumentProxy } from 'pdfjs-dist'
import { useEffect, useState } from 'react'
import { load } from './pdfjs'

/** In points, as the document has them. */
export interface Size {
  width: number
  height: number
}

interface Read {
  document: PDFDocumentProxy | null
  /** Of the first page, and as a rule of all. */
  size: Size | null
  failed: 'broken' | 'locked' | null
}

const NOTHING: Read = { document: null, size: null, failed: null }

/** The document in a file; it is let go of when it is no longer shown. */
export function usePdf(content: Blob): Read {
  const [read, setRead] = useState(NOTHING)
  useEffect(() => {
    let here = true
    let task: PDFDocumentLoadingTask | undefined
    setRead(NOTHING)
    async function begin(): Promise<void> {
      task = await load(content)
      const document = await task.promise
      const { width, height } = (await document.getPage(1)).getViewport({ scale: 1 })
      if (here) setRead({ document, size: { width, height }, failed: null })
    }
    begin().catch((fault: Error) => {
      const failed = fault.name === 'PasswordException' ? 'locked' : 'broken'
      if (here) setRead({ ...NOTHING, failed })
    })
    return () => {
      here = false
      void task?.destroy()
    }
  }, [content])
  return read
}
