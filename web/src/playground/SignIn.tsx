import { type FormEvent, useEffect, useRef, useState } from 'react'
import { asDemo, asPartner, type Caller, DEMO, type Demo, Desk, hasDemo, Refused } from './caller'
import { asking } from './fetcher'
import { words } from './words'

const NOBODY = asking(new Desk()) // who signs in asks as nobody: a partner may not

export function SignIn({ begin }: { begin: (caller: Caller) => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [fault, setFault] = useState('')
  const [demo, setDemo] = useState(false)

  useEffect(() => {
    void hasDemo(NOBODY).then(setDemo)
  }, [])

  async function by(signIn: () => Promise<Caller>): Promise<void> {
    setFault('')
    try {
      begin(await signIn())
      dialog.current?.close()
    } catch (failed) {
      setFault(failed instanceof Refused ? words.wrong : words.failed)
    }
  }

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const given = new FormData(form)
    await by(() => asPartner(String(given.get('id')).trim(), String(given.get('secret')).trim()))
    form.reset()
  }

  return (
    <>
      <button type="button" className="strong" onClick={() => dialog.current?.showModal()}>
        {words.signIn}
      </button>
      <dialog ref={dialog} aria-labelledby="sign-in" className="signing-in">
        <h2 id="sign-in">{words.signIn}</h2>
        <p role="alert">{fault}</p>
        <form onSubmit={submit}>
          <h3>{words.partner}</h3>
          <label>
            {words.clientId}
            <input name="id" required autoComplete="off" spellCheck={false} />
          </label>
          <label>
            {words.secret}
            <input name="secret" type="password" required autoComplete="off" />
          </label>
          <button type="submit" className="strong">
            {words.signIn}
          </button>
        </form>
        {demo && (
          <section>
            <h3>{words.demo}</h3>
            {(Object.keys(DEMO) as Demo[]).map(name => (
              <button key={name} type="button" onClick={() => by(() => asDemo(name, NOBODY))}>
                {name}
              </button>
            ))}
          </section>
        )}
        <p className="quiet">{words.forgotten}</p>
        <button type="button" onClick={() => dialog.current?.close()}>
          {words.close}
        </button>
      </dialog>
    </>
  )
}
