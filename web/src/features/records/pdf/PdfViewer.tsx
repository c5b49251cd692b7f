import { ChevronDown, ChevronUp, ZoomIn, ZoomOut } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../../ui/Button'
import { Loading } from '../../../ui/Loading'
import { Notice } from '../../../ui/Notice'
import { PdfPage } from './PdfPage'
import { usePdf } from './usePdf'
import { useWidth } from './useWidth'
import './pdf.css'

const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3] // of the width there is
const FITTING = ZOOMS.indexOf(1)

/** The pages of a document beneath each other; only those in sight are drawn. */
export default function PdfViewer({ content, name }: { content: Blob; name: string }) {
  const { t } = useTranslation()
  const { document, size, failed } = usePdf(content)
  const pages = useRef<HTMLElement>(null)
  const width = useWidth(pages)
  const [zoom, setZoom] = useState(FITTING)
  const [current, setCurrent] = useState(1)
  const count = document?.numPages ?? 0

  function sheet(number: number): HTMLElement | null {
    return pages.current?.querySelector(`[data-page="${number}"]`) ?? null
  }

  function go(number: number): void {
    const found = sheet(number)
    if (found && pages.current) pages.current.scrollTop = found.offsetTop
  }

  function look(): void {
    const region = pages.current
    if (!region) return
    const middle = region.scrollTop + region.clientHeight / 2
    let number = 1
    while (number < count && (sheet(number + 1)?.offsetTop ?? middle) < middle) number += 1
    setCurrent(number)
  }

  // The page that was read stays where it is, however large the pages become.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the zoom changes
  useEffect(() => go(current), [zoom])

  function onKeyDown({ key }: KeyboardEvent): void {
    if (key === '+') setZoom(Math.min(zoom + 1, ZOOMS.length - 1))
    if (key === '-') setZoom(Math.max(zoom - 1, 0))
    if (key === 'ArrowRight') go(Math.min(current + 1, count))
    if (key === 'ArrowLeft') go(Math.max(current - 1, 1))
  }

  if (failed) return <Notice kind="bad">{t(`pdf.${failed}`)}</Notice>
  const scale = size && width ? (width / size.width) * (ZOOMS[zoom] ?? 1) : null
  return (
    <div className="pdf">
      <div className="pdf-tools">
        <Button
          kind="quiet"
          aria-label={t('pdf.previous')}
          isDisabled={current <= 1}
          onPress={() => go(current - 1)}
        >
          <ChevronUp size={18} aria-hidden />
        </Button>
        <span role="status">{count > 0 && t('pdf.page', { number: current, of: count })}</span>
        <Button
          kind="quiet"
          aria-label={t('pdf.next')}
          isDisabled={current >= count}
          onPress={() => go(current + 1)}
        >
          <ChevronDown size={18} aria-hidden />
        </Button>
        <Button
          kind="quiet"
          aria-label={t('pdf.smaller')}
          isDisabled={zoom === 0}
          onPress={() => setZoom(zoom - 1)}
        >
          <ZoomOut size={18} aria-hidden />
        </Button>
        <Button
          kind="quiet"
          aria-label={t('pdf.larger')}
          isDisabled={zoom === ZOOMS.length - 1}
          onPress={() => setZoom(zoom + 1)}
        >
          <ZoomIn size={18} aria-hidden />
        </Button>
      </div>
      <section
        ref={pages}
        className="pdf-pages"
        aria-label={t('pdf.document', { name })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys too
        tabIndex={0}
        onScroll={look}
        onKeyDown={onKeyDown}
      >
        {!document && <Loading />}
        {document &&
          size &&
          scale &&
          Array.from({ length: count }, (_, index) => (
            <PdfPage
              // biome-ignore lint/suspicious/noArrayIndexKey: a page has no other name
              key={index}
              document={document}
              number={index + 1}
              scale={scale}
              usual={size}
              within={pages}
            />
          ))}
      </section>
    </div>
  )
}
