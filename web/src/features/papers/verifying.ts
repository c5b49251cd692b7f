// Whether a paper was issued here: asked by whoever was handed one, without a session.

export interface Found {
  kind: 'CERTIFICATE' | 'PRESCRIPTION'
  signature: 'SIGNED' | 'UNSIGNED'
  sha256: string
  issuedAt: string
  timeZone: string
  doctorName: string
  crm: string
  uf: string
}

/** `wait`: seconds, of whoever has asked too often. */
export type Verdict = Found | 'unknown' | { wait: number }

/** As the server reads it; null of what cannot be a code. */
export function codeOf(typed: string): string | null {
  const code = typed.replace(/[\s-]/g, '').toUpperCase()
  return /^[0-9A-F]{20}$/.test(code) ? code : null
}

/** Throws when the server cannot be asked. */
export async function verify(code: string): Promise<Verdict> {
  const answer = await fetch(`/documents/verify?code=${code}`, {
    headers: { accept: 'application/json' },
  })
  if (answer.status === 404) return 'unknown'
  if (answer.status === 429) return { wait: Number(answer.headers.get('retry-after') ?? 60) }
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
  return answer.json()
}
