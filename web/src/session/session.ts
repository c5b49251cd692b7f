// Who is signed in, in this page alone: tokens are in memory, never in storage that scripts can read.

export interface Tokens {
  accessToken: string
  refreshToken: string
}

export type Role = 'doctor' | 'patient'

export interface Session extends Tokens {
  role: Role
  name: string
}

/** Asks the server for new tokens; null when the session is over. Throws when it cannot be asked. */
export type Renew = (session: Session) => Promise<Tokens | null>

const EARLY = 30_000 // milliseconds: a token that is about to expire is renewed before it is sent

export class Sessions {
  #session: Session | null = null
  #freshUntil = 0 // by this page's own clock, which need not agree with the server's
  #renewing: Promise<void> | null = null
  readonly #listeners = new Set<() => void>()

  constructor(
    private readonly renew: Renew,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  get current(): Session | null {
    return this.#session
  }

  get stale(): boolean {
    return this.#session !== null && this.clock() > this.#freshUntil - EARLY
  }

  begin(session: Session): void {
    this.#freshUntil = this.clock() + lifetime(session.accessToken)
    this.#session = session
    this.#tell()
  }

  end(): void {
    this.#session = null
    this.#tell()
  }

  /** Renews once, however many ask at the same time. */
  async refresh(): Promise<void> {
    this.#renewing ??= this.#refresh().finally(() => {
      this.#renewing = null
    })
    await this.#renewing
  }

  async authorization(): Promise<string | null> {
    if (this.stale) await this.refresh()
    return this.#session && `Bearer ${this.#session.accessToken}`
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #refresh(): Promise<void> {
    const session = this.#session
    if (session === null) return
    const tokens = await this.renew(session)
    if (this.#session !== session) return // somebody has signed out, or in, meanwhile
    if (tokens === null) this.end()
    else this.begin({ ...session, ...tokens })
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** Milliseconds from its making to its end, as a JWT tells them (RFC 7519): no clock is compared. */
export function lifetime(jwt: string): number {
  const [, claims = ''] = jwt.split('.')
  const { iat, exp } = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')))
  return (exp - iat) * 1000
}
