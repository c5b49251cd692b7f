// The steps of an upload as they really are: by this client, and to the object store.
import type { Client } from '@urql/core'
import type { ProblemCode } from '../../gql/graphql'
import { MOST, nameOf, redraw, sha256, typeOf } from './content'
import { CompleteUpload, RequestUpload } from './documents'
import { type Fault, type Prepared, Refused, type Steps, type Ticket, Uploads } from './uploads'

const SAID: readonly Fault[] = [
  'CHECKSUM_MISMATCH',
  'INFECTED',
  'LIMIT_REACHED',
  'NOT_UPLOADED',
  'TOO_LARGE',
  'UNSUPPORTED_TYPE',
]

const known = new WeakMap<Client, Uploads>()

/** Of this session: they go on while other pages are looked at. */
export function uploadsOf(client: Client): Uploads {
  const uploads = known.get(client) ?? new Uploads(steps(client))
  known.set(client, uploads)
  return uploads
}

const steps = (client: Client): Steps => ({
  prepare,
  send,

  async announce({ name, contentType, content, sha256 }: Prepared): Promise<Ticket> {
    const input = { name, contentType, size: content.size, sha256 }
    const { data, error } = await client.mutation(RequestUpload, { input }).toPromise()
    const { ticket, problems = [] } = data?.requestUpload ?? {}
    if (ticket) return { ...ticket, documentId: ticket.document.id }
    throw refused(problems, error?.networkError)
  },

  async complete(documentId: string): Promise<void> {
    const input = { documentId }
    const { data, error } = await client.mutation(CompleteUpload, { input }).toPromise()
    const { document, problems = [] } = data?.completeUpload ?? {}
    if (!document) throw refused(problems, error?.networkError)
  },
})

/** Throws Refused. */
export async function prepare(file: File): Promise<Prepared> {
  if (file.size === 0) throw new Refused('EMPTY')
  const contentType = await typeOf(file).catch(() => {
    throw new Refused('DAMAGED') // it has been moved, or is a folder
  })
  if (contentType === null) throw new Refused('UNSUPPORTED_TYPE')
  const redrawn = contentType === 'image/jpeg'
  const content = redrawn ? await redraw(file).catch(() => null) : file
  if (content === null) throw new Refused('DAMAGED')
  if (content.size > MOST) throw new Refused('TOO_LARGE')
  return { name: nameOf(file), contentType, content, sha256: await sha256(content), redrawn }
}

/** `fetch` does not tell how much it has sent. */
function send(
  { url, fields }: Ticket,
  content: Blob,
  told: (sent: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const form = new FormData()
  for (const { name, value } of fields) form.append(name, value)
  form.append('file', content)
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest()
    request.open('POST', url)
    request.upload.onprogress = ({ loaded, total }) => told(total ? loaded / total : 0)
    request.onload = () => (request.status < 300 ? done() : fail(new Refused('NOT_UPLOADED')))
    request.onerror = () => fail(new Refused('OFFLINE'))
    request.onabort = () => fail(signal.reason)
    signal.addEventListener('abort', () => request.abort())
    request.send(form)
  })
}

function refused(
  problems: readonly { code: ProblemCode; path: readonly string[] }[],
  cut: unknown,
) {
  const [problem] = problems
  if (!problem) return new Refused(cut ? 'OFFLINE' : 'other')
  return new Refused(SAID.find(each => each === problem.code) ?? 'other')
}
