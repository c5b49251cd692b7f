// Who is signed in. The access token is in this page's memory alone; what renews the session is in
// a cookie that no script can read, and so a page that is loaded anew has its session again.

/** The two sides of a visit. */
export type Party = 'doctor' | 'patient'
export type Role = Party | 'administrator'

export interface Session {
  accessToken: string
  /** Of the person, as the server has it. */
  id: string
  role: Role
  name: string
}

/** Asks the server for a new token; null when there is no session. Throws when it cannot be asked. */
export type Renew = () => Promise<Session | null>

const EARLY = 30_000 // milliseconds: a token that is about to expire is renewed before it is sent

export class Sessions {
  #session: Session | null = null
  #lost = false
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

  /** Whether the last one has ended without anybody having signed out here. */
  get lost(): boolean {
    return this.#lost
  }

  get stale(): boolean {
    return this.#session !== null && this.clock() > this.#freshUntil - EARLY
  }

  begin(session: Session): void {
    this.#freshUntil = this.clock() + lifetime(session.accessToken)
    this.#session = session
    this.#lost = false
    this.#tell()
  }

  end({ lost = false } = {}): void {
    this.#session = null
    this.#lost = lost
    this.#tell()
  }

  /** Goes on with the session that the browser has, if it has one. */
  async resume(): Promise<void> {
    const session = await this.renew()
    if (session !== null) this.begin(session)
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
    const renewed = await this.renew()
    if (this.#session !== session) return // somebody has signed out, or in, meanwhile
    if (renewed === null) this.end({ lost: true })
    else this.begin(renewed)
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
