// Who asks. The token is in this tab's memory alone, apart from the page's own session.

export interface Caller {
  name: string
  accessToken: string
}

export interface Cost {
  requested: number
  budget: number
}

interface State {
  caller: Caller | null
  cost: Cost | null
  /** The server would not tell its schema to this caller. */
  closed: boolean
}

export class Desk {
  state: State = { caller: null, cost: null, closed: false }
  readonly #listeners = new Set<() => void>()

  get authorization(): string | undefined {
    return this.state.caller ? `Bearer ${this.state.caller.accessToken}` : undefined
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  set(part: Partial<State>): void {
    this.state = { ...this.state, ...part }
    for (const listener of this.#listeners) listener()
  }
}

export class Refused extends Error {}

/** By client credentials (RFC 6749, 4.4). Raises Refused. */
export async function asPartner(clientId: string, secret: string): Promise<Caller> {
  const encoded = [clientId, secret].map(encodeURIComponent).join(':')
  const answer = await fetch('/oauth/token', {
    method: 'POST',
    credentials: 'omit',
    headers: { authorization: `Basic ${btoa(encoded)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  if (answer.status >= 500) throw new Error(`The server answered ${answer.status}`)
  const told = await answer.json()
  if (!answer.ok) throw new Refused(told.error)
  return { name: `${clientId} (${told.scope})`, accessToken: told.access_token }
}

const PASSWORD = 'saude-demo-2026' // as the README has it

export const DEMO = {
  Ana: ['Patient', { email: 'ana@example.com', cpf: '529.982.247-25' }],
  Bruno: ['Patient', { email: 'bruno@example.com', cpf: '111.444.777-35' }],
  'Dr. Helena': ['Doctor', { crm: '123456', uf: 'SP' }],
  'Dr. Rafael': ['Doctor', { crm: '654321', uf: 'RJ' }],
} as const

export type Demo = keyof typeof DEMO

interface Answer {
  data?: Record<string, { session: { accessToken: string } | null }> | null
}

export type Ask = (query: string, variables?: object) => Promise<Answer>

/** Raises Refused. */
export async function asDemo(name: Demo, ask: Ask): Promise<Caller> {
  const [who, given] = DEMO[name]
  const { data } = await ask(
    `mutation ($input: SignIn${who}Input!) { signIn${who}(input: $input) { session { accessToken } } }`,
    { input: { ...given, password: PASSWORD } },
  )
  const session = data?.[`signIn${who}`]?.session
  if (!session) throw new Refused(name)
  return { name, accessToken: session.accessToken }
}

const HERE = ['localhost', '127.0.0.1', '[::1]']

/** Only a server on one's own machine has demo accounts, and only if it has the demo clinic. */
export async function hasDemo(ask: Ask, host = location.hostname): Promise<boolean> {
  if (!HERE.includes(host)) return false
  const { data } = await ask('{ doctor(crm: "123456", uf: SP) { id } }').catch(
    () => ({ data: null }) as Answer,
  )
  return Boolean(data?.doctor)
}
