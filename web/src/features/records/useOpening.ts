import { useEffect, useState } from 'react'
import { useMutation } from 'urql'
import { OpenDocument } from './documents'
import { save } from './save'

/** What is shown in the page. `source` is an address of `content`, for as long as it is shown. */
export interface Shown {
  name: string
  kind: 'picture' | 'pdf'
  content: Blob
  source: string
}

interface Opened {
  id: string
  name: string
  contentType: string
}

/** Opens documents: pictures and PDF in the page, all else as a file. That is in the access log. */
export function useOpening() {
  const [, ask] = useMutation(OpenDocument)
  const [opening, setOpening] = useState<string | null>(null)
  const [failed, setFailed] = useState(false)
  const [shown, setShown] = useState<Shown | null>(null)
  useEffect(() => () => URL.revokeObjectURL(shown?.source ?? ''), [shown])

  async function open({ id, name, contentType }: Opened): Promise<void> {
    setFailed(false)
    setOpening(id)
    const { data } = await ask({ input: { documentId: id } })
    const url = data?.openDocument?.url
    const kind = kindOf(contentType)
    if (!url) setFailed(true)
    else {
      const content = kind && (await fetched(url))
      if (kind && content) {
        setShown({ name, kind, content, source: URL.createObjectURL(content) })
      } else save(url, name)
    }
    setOpening(null)
  }

  return { open, opening, failed, shown, close: () => setShown(null) }
}

function kindOf(contentType: string): Shown['kind'] | null {
  if (contentType.startsWith('image/')) return 'picture'
  return contentType === 'application/pdf' ? 'pdf' : null
}

/** null where the store does not let pages read; then it is to be had as a file alone. */
async function fetched(url: string): Promise<Blob | null> {
  try {
    const answer = await fetch(url)
    return answer.ok ? await answer.blob() : null
  } catch {
    return null
  }
}
