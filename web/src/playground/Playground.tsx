import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { GraphiQL } from 'graphiql'
import { ListTree } from 'lucide-react'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { Desk } from './caller'
import { EXAMPLES, fill, NAMES, type Name, textOf } from './examples'
import { asking, fetching } from './fetcher'
import { SignIn } from './SignIn'
import { filled, words } from './words'

const desk = new Desk()
const ask = asking(desk)
const fetcher = fetching(desk)
const useDesk = () => useSyncExternalStore(desk.subscribe, () => desk.state)
const FIRST: Name = 'searchDoctors'
const WIDE = matchMedia('(min-width: 60rem)')

const EXAMPLES_PLUGIN = {
  title: words.examples,
  icon: () => <ListTree aria-hidden />,
  content: Examples,
}
const PLUGINS = [EXAMPLES_PLUGIN] // without GraphiQL's history, which would keep what is typed

export function Playground() {
  const { caller, closed } = useDesk()
  return (
    <>
      <header className="top">
        <h1>{words.title}</h1>
        <a href="/">{words.back}</a>
        <p role="status">{caller ? filled(words.signedIn, { name: caller.name }) : words.guest}</p>
        {caller ? (
          <button type="button" onClick={() => desk.set({ caller: null })}>
            {words.signOut}
          </button>
        ) : (
          <SignIn begin={caller => desk.set({ caller })} />
        )}
      </header>
      {closed && (
        <p className="closed" role="alert">
          {words.closed}
        </p>
      )}
      <main>
        <GraphiQL
          fetcher={fetcher}
          storage={sessionStorage}
          shouldPersistHeaders={false}
          isHeadersEditorEnabled={false}
          plugins={PLUGINS}
          visiblePlugin={WIDE.matches ? EXAMPLES_PLUGIN : undefined}
          defaultTabs={[
            {
              query: textOf(FIRST),
              variables: JSON.stringify(EXAMPLES[FIRST].variables, null, 2),
            },
          ]}
        >
          <GraphiQL.Logo>{null}</GraphiQL.Logo>
          <GraphiQL.Footer>
            <Cost />
          </GraphiQL.Footer>
        </GraphiQL>
      </main>
    </>
  )
}

function Cost() {
  const { caller, cost } = useDesk()
  const { introspect } = useGraphiQLActions()
  const asked = useRef(caller)

  // Somebody else may be told what the last one was not.
  useEffect(() => {
    if (asked.current === caller) return
    asked.current = caller
    void introspect()
  }, [caller, introspect])

  return (
    <p className="cost" role="status">
      {cost ? filled(words.cost, { ...cost }) : words.noCost}
    </p>
  )
}

function Examples() {
  const { addTab } = useGraphiQLActions()
  const query = useGraphiQL(state => state.queryEditor)
  const variables = useGraphiQL(state => state.variableEditor)

  async function open(name: Name) {
    const values = await fill(name, ask)
    addTab()
    query?.setValue(textOf(name))
    variables?.setValue(values)
  }

  return (
    <section className="examples" aria-label={words.examples}>
      <h2>{words.examples}</h2>
      <p>{words.fills}</p>
      <ul>
        {NAMES.map(name => (
          <li key={name}>
            <button type="button" onClick={() => open(name)}>
              {words.example[name]}
            </button>{' '}
            <small>{words.needs[EXAMPLES[name].needs]}</small>
          </li>
        ))}
      </ul>
    </section>
  )
}
