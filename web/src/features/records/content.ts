// What a file is, found out before anything of it is sent.

/** The server's own limit of one document, in bytes. */
export const MOST = 25 * 2 ** 20

const AREA_MOST = 16_000_000 // pixels: a canvas of Safari on a phone holds no more
const QUALITY = 0.92
const NAME_LONGEST = 255

const SIGNATURES = [
  { type: 'application/pdf', at: 0, bytes: '%PDF-' },
  { type: 'image/jpeg', at: 0, bytes: '\xff\xd8\xff' },
  { type: 'image/png', at: 0, bytes: '\x89PNG\r\n\x1a\n' },
  { type: 'application/dicom', at: 128, bytes: 'DICM' },
] as const

export type ContentType = (typeof SIGNATURES)[number]['type']

/** By its first bytes; what a name or a browser says of it is no matter. */
export async function typeOf(file: Blob): Promise<ContentType | null> {
  const beginning = new Uint8Array(await file.slice(0, 132).arrayBuffer())
  const found = SIGNATURES.find(({ at, bytes }) =>
    [...bytes].every((each, index) => beginning[at + index] === each.charCodeAt(0)),
  )
  return found?.type ?? null
}

/** In lower-case hexadecimal. */
export async function sha256(content: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await content.arrayBuffer())
  return [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('')
}

/** A name as the server takes it: one line, printable, and not too long. */
export function nameOf({ name }: File): string {
  const plain = name.normalize('NFC').replace(/[\p{C}\p{Z}]+/gu, ' ')
  return [...plain.trim()].slice(0, NAME_LONGEST).join('') || '—'
}

/** The picture alone, upright: without place and time, or what a phone has put behind it, for which
 * it would be refused. Throws when it is no picture. */
export async function redraw(photograph: Blob): Promise<Blob> {
  const picture = await createImageBitmap(photograph)
  const { width, height } = picture
  const scale = Math.min(1, Math.sqrt(AREA_MOST / (width * height)))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.floor(width * scale))
  canvas.height = Math.max(1, Math.floor(height * scale))
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  const drawn = await new Promise<Blob | null>(done => {
    canvas.toBlob(done, 'image/jpeg', QUALITY)
  })
  if (drawn === null) throw new Error('the canvas gave no picture')
  return drawn
}
