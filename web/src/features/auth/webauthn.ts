// Passkeys as browsers have them (Web Authentication, Level 3): JSON in, JSON out.

/** Whether this browser has them at all. */
export const hasPasskeys = () =>
  'PublicKeyCredential' in window &&
  'parseCreationOptionsFromJSON' in PublicKeyCredential &&
  'parseRequestOptionsFromJSON' in PublicKeyCredential

/** Whether it makes them for the host of this page: for no IP address, whose name is localhost. */
export const hostHasPasskeys = (host = location.hostname) =>
  !/^(\d+\.){3}\d+$/.test(host) && !host.startsWith('[')

/** Where this very page has them, if it was reached by the IP address of this machine. */
export const namedAddress = ({ protocol, port, pathname } = location) =>
  `${protocol}//localhost${port && `:${port}`}${pathname}`

/** Asks for a new key, with the options of beginPasskey. Throws what `whyNot` reads. */
export async function created(options: string): Promise<string> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(options))
  return JSON.stringify(await navigator.credentials.create({ publicKey }))
}

/** Asks for any key that there is for us, with the options of beginPasskeySignIn. */
export async function found(options: string): Promise<string> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options))
  return JSON.stringify(await navigator.credentials.get({ publicKey }))
}

/** `left`: its owner let it be, or had none; `known`: this authenticator has one for the account. */
export function whyNot(fault: unknown): 'left' | 'known' | 'other' {
  if (!(fault instanceof DOMException)) return 'other'
  if (fault.name === 'NotAllowedError' || fault.name === 'AbortError') return 'left'
  return fault.name === 'InvalidStateError' ? 'known' : 'other'
}
