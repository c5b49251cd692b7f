// @vitest-environment node, for in a jsdom there is no crypto.subtle

import { expect, it, vi } from 'vitest'
import { nameOf, sha256, typeOf } from '../src/features/records/content'
import { prepare } from '../src/features/records/sending'
import { type Prepared, Refused, type Steps, Uploads } from '../src/features/records/uploads'

const file = (name = 'exame.pdf', content: BlobPart = '%PDF-1.7') => new File([content], name)

const PREPARED: Prepared = {
  name: 'exame.pdf',
  contentType: 'application/pdf',
  content: file(),
  sha256: '',
  redrawn: false,
}

/** A server that takes everything, but for what is given. */
function given(steps: Partial<Steps> = {}) {
  const all: Steps = {
    prepare: vi.fn(async () => PREPARED),
    announce: vi.fn(async () => ({ documentId: 'document_1', url: '', fields: [] })),
    send: vi.fn(async () => undefined),
    complete: vi.fn(async () => undefined),
    ...steps,
  }
  return { steps: all, uploads: new Uploads(all) }
}

const stages = (uploads: Uploads) => uploads.all.map(({ stage }) => stage)
const settled = (uploads: Uploads) => vi.waitFor(() => expect(uploads.busy).toBe(false))

/** Stays on its way until it is told to stop. */
const endless: Steps['send'] = (_, __, told, signal) => {
  told(0.5)
  return new Promise((_, fail) => {
    signal.addEventListener('abort', () => fail(signal.reason))
  })
}

it('a file is looked at, announced, sent and looked into', async () => {
  const { uploads, steps } = given()
  uploads.add([file()])
  await settled(uploads)

  expect(stages(uploads)).toEqual(['done'])
  expect(steps.complete).toHaveBeenCalledWith('document_1')
})

it('two are on their way at once, and the third when one of them is', async () => {
  const { uploads, steps } = given({ send: endless })
  uploads.add([file(), file(), file()])
  await vi.waitFor(() => expect(stages(uploads)).toEqual(['sending', 'sending', 'waiting']))
  expect(uploads.all[0]?.sent).toBe(0.5)

  uploads.cancel(1)
  await vi.waitFor(() => expect(stages(uploads)).toEqual(['cancelled', 'sending', 'sending']))
  expect(steps.complete).not.toHaveBeenCalled()
})

it('what was cancelled can be sent all the same', async () => {
  const send = vi.fn<Steps['send']>().mockImplementationOnce(endless).mockResolvedValue(undefined)
  const { uploads } = given({ send })
  uploads.add([file()])
  await vi.waitFor(() => expect(stages(uploads)).toEqual(['sending']))
  uploads.cancel(1)
  uploads.retry(1)
  await settled(uploads)

  expect(stages(uploads)).toEqual(['done'])
})

it('why one is refused is said, and others go on', async () => {
  const complete = vi.fn<Steps['complete']>().mockRejectedValueOnce(new Refused('INFECTED'))
  const { uploads } = given({ complete: complete.mockResolvedValue(undefined) })
  uploads.add([file(), file()])
  await settled(uploads)

  expect(uploads.all.map(({ fault }) => fault)).toEqual(['INFECTED', null])
})

it('what has arrived is not sent again where only the answer was lost', async () => {
  const complete = vi.fn<Steps['complete']>().mockRejectedValueOnce(new Refused('OFFLINE'))
  const { uploads, steps } = given({ complete: complete.mockResolvedValue(undefined) })
  uploads.add([file()])
  await settled(uploads)
  uploads.retry(1)
  await settled(uploads)

  expect(stages(uploads)).toEqual(['done'])
  expect(steps.send).toHaveBeenCalledTimes(1)
})

it('what the server has refused is sent anew', async () => {
  const complete = vi.fn<Steps['complete']>().mockRejectedValueOnce(new Refused('NOT_UPLOADED'))
  const { uploads, steps } = given({ complete: complete.mockResolvedValue(undefined) })
  uploads.add([file()])
  await settled(uploads)
  uploads.retry(1)
  await settled(uploads)

  expect(steps.send).toHaveBeenCalledTimes(2)
})

it('a type is told by the first bytes, whatever the name says', async () => {
  const dicom = new Uint8Array(132)
  dicom.set([0x44, 0x49, 0x43, 0x4d], 128)
  expect(await typeOf(file('a.exe'))).toBe('application/pdf')
  expect(await typeOf(file('a', new Uint8Array([0xff, 0xd8, 0xff, 0xe0])))).toBe('image/jpeg')
  expect(await typeOf(file('a', dicom))).toBe('application/dicom')
  expect(await typeOf(file('a.pdf', 'MZ and so on'))).toBeNull()
  expect(await typeOf(file('a.pdf', '%PD'))).toBeNull()
})

it('a checksum is that of FIPS 180-4', async () => {
  expect(await sha256(new Blob(['abc']))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})

it('a name is one printable line', () => {
  expect(nameOf(file('Exame\u0000 de\u00a0sangue\n.pdf'))).toBe('Exame de sangue .pdf')
  expect([...nameOf(file('🩺'.repeat(300)))]).toHaveLength(255)
})

it('what is too large or empty is told before anything is sent', async () => {
  const large = file('a.pdf', `%PDF-${'x'.repeat(25 * 2 ** 20)}`)
  await expect(prepare(large)).rejects.toThrow('TOO_LARGE')
  await expect(prepare(file('a.pdf', ''))).rejects.toThrow('EMPTY')
  await expect(prepare(file('a.pdf', 'plain'))).rejects.toThrow('UNSUPPORTED_TYPE')
})
