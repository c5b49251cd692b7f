// PDF.js, with a worker and all that it reads from us. No script of a document is run.
import { GlobalWorkerOptions, getDocument, type PDFDocumentLoadingTask, version } from 'pdfjs-dist'
import worker from 'pdfjs-dist/build/pdf.worker.min.mjs?url'

GlobalWorkerOptions.workerSrc = worker

const FILES = `/assets/pdfjs-${version}` // web/pdfjs.mjs puts them there

export async function load(content: Blob): Promise<PDFDocumentLoadingTask> {
  return getDocument({
    data: await content.arrayBuffer(),
    standardFontDataUrl: `${FILES}/standard_fonts/`,
    wasmUrl: `${FILES}/wasm/`,
    iccUrl: `${FILES}/iccs/`,
    verbosity: 0, // errors alone
  })
}
