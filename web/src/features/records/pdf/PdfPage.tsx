import { type PDFDocumentProxy, type RenderTask, TextLayer } from 'pdfjs-dist'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Size } from './usePdf'

const AROUND = '100% 0px' // a screen above and below is drawn, too
const AREA_MOST = 16_000_000 // pixels: a canvas of Safari on a phone holds no more

interface Props {
  document: PDFDocumentProxy
  number: number
  scale: number
  usual: Size
  within: RefObject<HTMLElement | null>
}

/** One page: a canvas with its text above it, to be selected and read aloud. Out of sight it has
 * neither. */
export function PdfPage({ document, number, scale, usual, within }: Props) {
  const { t } = useTranslation()
  const place = useRef<HTMLElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const text = useRef<HTMLDivElement>(null)
  const [near, setNear] = useState(false)
  const [size, setSize] = useState(usual)

  useEffect(() => {
    if (!place.current) return
    const watching = new IntersectionObserver(
      entries => setNear(entries.at(-1)?.isIntersecting ?? false),
      { root: within.current, rootMargin: AROUND },
    )
    watching.observe(place.current)
    return () => watching.disconnect()
  }, [within])

  useEffect(() => {
    if (!near) return
    let here = true
    let drawing: RenderTask | undefined
    let layer: TextLayer | undefined
    async function draw(): Promise<void> {
      const page = await document.getPage(number)
      if (!here || !canvas.current || !text.current) return
      const viewport = page.getViewport({ scale })
      setSize({ width: viewport.width / scale, height: viewport.height / scale })
      const area = viewport.width * viewport.height
      const sharp = Math.min(devicePixelRatio, Math.sqrt(AREA_MOST / area))
      canvas.current.width = Math.floor(viewport.width * sharp)
      canvas.current.height = Math.floor(viewport.height * sharp)
      drawing = page.render({
        canvas: canvas.current,
        viewport,
        transform: [sharp, 0, 0, sharp, 0, 0],
      })
      await drawing.promise
      if (!here) return
      text.current.style.setProperty('--total-scale-factor', String(scale))
      layer = new TextLayer({
        textContentSource: page.streamTextContent(),
        container: text.current,
        viewport,
      })
      await layer.render()
    }
    draw().catch(() => undefined) // called off; or a page that is broken stays white
    return () => {
      here = false
      drawing?.cancel()
      layer?.cancel()
      text.current?.replaceChildren()
    }
  }, [near, document, number, scale])

  return (
    <section
      ref={place}
      className="pdf-page"
      data-page={number}
      aria-label={t('pdf.page', { number, of: document.numPages })}
      style={{ width: size.width * scale, height: size.height * scale }}
    >
      {near && (
        <>
          <canvas ref={canvas} aria-hidden />
          <div ref={text} className="pdf-text" />
        </>
      )}
    </section>
  )
}
