import { useEffect, useState } from 'react'
import { useMutation } from 'urql'
import { OpenDocument } from './documents'
import { save } from './save'

export interface Picture {
  name: string
  source: string
}

interface Opened {
  id: string
  name: string
  contentType: string
}

/** Opens documents: pictures in the page, all else as a file. That is in the access log. */
export function useOpening() {
  const [, ask] = useMutation(OpenDocument)
  const [opening, setOpening] = useState<string | null>(null)
  const [failed, setFailed] = useState(false)
  const [picture, setPicture] = useState<Picture | null>(null)
  useEffect(() => () => URL.revokeObjectURL(picture?.source ?? ''), [picture])

  async function open({ id, name, contentType }: Opened): Promise<void> {
    setFailed(false)
    setOpening(id)
    const { data } = await ask({ input: { documentId: id } })
    const url = data?.openDocument?.url
    if (!url) setFailed(true)
    else if (contentType.startsWith('image/')) {
      const source = await picked(url)
      if (source === null) save(url, name)
      else setPicture({ name, source })
    } else save(url, name)
    setOpening(null)
  }

  return { open, opening, failed, picture, close: () => setPicture(null) }
}

/** null where the store does not let pages read; then it is to be had as a file alone. */
async function picked(url: string): Promise<string | null> {
  try {
    const answer = await fetch(url)
    return answer.ok ? URL.createObjectURL(await answer.blob()) : null
  } catch {
    return null
  }
}
