// GraphQL over WebSocket, as the real graphql-ws client meets it.
import assert from 'node:assert/strict'
import { createClient } from 'graphql-ws'
import {
  all, ask, authorization, CHANGES, CURSOR, cursor, inTime, line, listen, publish, refusal, TYPENAME,
  values, WITHDRAW,
} from './clients.mjs'

function client(given, options = {}) {
  return createClient({
    url: `ws://127.0.0.1:${options.port ?? given.port}/graphql`,
    connectionParams: authorization(given),
    retryAttempts: 0,
    ...options,
  })
}

export async function a_query_is_answered_and_completed(given) {
  assert.deepEqual(values(await all(client(given), { query: TYPENAME })), [{ __typename: 'Query' }])
}

export async function the_operation_of_a_name_is_chosen(given) {
  const query = 'query A { __typename } query B { b: __typename }'
  const heard = await all(client(given), { query, operationName: 'B', variables: null, extensions: null })
  assert.deepEqual(values(heard), [{ b: 'Query' }])
}

export async function a_mutation_is_answered_for_whom_the_init_named(given) {
  const input = { slotIds: [await publish(given, 0)] }
  const [{ data }] = await all(client(given), { query: WITHDRAW, variables: { input } })
  assert.deepEqual(data.withdrawSlots.slots, [{ status: 'WITHDRAWN' }])
}

export async function a_subscription_hears_what_happens(given) {
  const { heard, until } = listen(client(given), {
    query: CHANGES, variables: { doctors: [given.doctor], after: await cursor(given) },
  })
  const ids = [await publish(given, 1), await publish(given, 2)]
  await until(2)
  assert.deepEqual(heard.map(({ data }) => data.slotChanges.slot.id), ids)
  assert.deepEqual(heard.map(({ data }) => data.slotChanges.kind), ['OPENED', 'OPENED'])
}

export async function after_replays_what_was_missed_and_goes_on_live(given) {
  const after = await cursor(given)
  const missed = await publish(given, 3)
  const { heard, until } = listen(client(given), {
    query: CHANGES, variables: { doctors: [given.doctor], after },
  })
  await until(1)
  const live = await publish(given, 4)
  await until(2)
  assert.deepEqual(heard.map(({ data }) => data.slotChanges.slot.id), [missed, live])
}

export async function many_operations_share_a_socket(given) {
  let sockets = 0
  const one = client(given, { on: { opened: () => { sockets += 1 } } })
  const following = listen(one, { query: CHANGES, variables: { doctors: [given.doctor], after: await cursor(given) } })
  const answers = await Promise.all(Array.from({ length: 20 }, () => all(one, { query: TYPENAME })))
  await publish(given, 5)
  await following.until(1)
  assert.equal(answers.flat().length, 20)
  assert.equal(sockets, 1)
}

export async function a_refused_operation_is_an_error_and_the_socket_goes_on(given) {
  const one = client(given, { lazyCloseTimeout: 5_000 })
  for (const query of ['{ nothing }', '{', 'query ($a: ID!) { node(id: $a) { id } }']) {
    const errors = await refusal(one, { query })
    assert.deepEqual(errors.map((error) => error.extensions.code), ['BAD_USER_INPUT'])
  }
  assert.equal((await all(one, { query: TYPENAME })).length, 1)
}

export async function an_error_of_a_field_is_within_the_answer(given) {
  const anonymous = client(given, { connectionParams: undefined })
  const [{ data, errors }] = await all(anonymous, {
    query: 'mutation { holdSlot(input: { slotId: "slot_0" }) { slot { id } } }',
  })
  assert.deepEqual(data, { holdSlot: null })
  assert.equal(errors[0].extensions.code, 'UNAUTHENTICATED')
}

export async function a_completed_subscription_hears_no_more(given) {
  const one = client(given, { lazyCloseTimeout: 5_000 })
  const messages = []
  one.on('message', (message) => messages.push(message))
  const { heard, over, stop, until } = listen(one, {
    query: CHANGES, variables: { doctors: [given.doctor], after: await cursor(given) },
  })
  await publish(given, 6)
  await until(1)

  stop()
  await inTime(over)
  await all(one, { query: TYPENAME }) // on the same socket: the complete has been read by now
  await publish(given, 7)
  await new Promise((resolve) => setTimeout(resolve, 300))
  await all(one, { query: TYPENAME })

  assert.equal(heard.length, 1)
  assert.equal(messages.filter((message) => message.payload?.data?.slotChanges).length, 1)
}

export async function a_killed_socket_is_opened_again_and_nothing_is_lost(given) {
  const through = await line(given)
  let opened = 0
  const one = client(given, {
    port: through.port,
    retryAttempts: 5,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 100)),
    shouldRetry: () => true, // Node's WebSocket tells of a killed socket by an error
    on: { opened: () => { opened += 1 } },
  })
  // The client sends this very object again, so what it heard last is where it goes on.
  const variables = { doctors: [given.doctor], after: await cursor(given) }
  const heard = []
  const following = listen(
    { subscribe: (payload, sink) => one.subscribe(payload, { ...sink, next(answer) {
      variables.after = answer.data.slotChanges.cursor
      heard.push(answer.data.slotChanges.slot.id)
      sink.next(answer)
    } }) },
    { query: CHANGES, variables },
  )
  const ids = [await publish(given, 8)]
  await following.until(1)

  through.cut()
  ids.push(await publish(given, 9)) // while nobody listens
  await following.until(2)
  ids.push(await publish(given, 10))
  await following.until(3)

  assert.deepEqual(heard, ids)
  assert.equal(opened, 2)
}

export async function pings_are_answered(given) {
  const one = client(given, { lazyCloseTimeout: 5_000, keepAlive: 50 })
  const pongs = []
  one.on('pong', (received) => received && pongs.push(received))
  await all(one, { query: TYPENAME })
  await inTime((async () => {
    while (pongs.length < 5) await new Promise((resolve) => setTimeout(resolve, 20))
  })())
  assert.equal((await all(one, { query: TYPENAME })).length, 1)
}

export async function the_ack_comes_in_time(given) {
  const one = client(given, { connectionAckWaitTimeout: 7_000 })
  const acknowledged = new Promise((resolve) => one.on('connected', (_, payload) => resolve(payload)))
  await all(one, { query: TYPENAME })
  await inTime(acknowledged)
}

export async function a_bad_token_is_rejected_as_forbidden(given) {
  const rejected = client(given, { connectionParams: { authorization: 'Bearer nonsense' } })
  const { code, reason } = await refusal(rejected, { query: TYPENAME })
  assert.deepEqual([code, reason], [4403, 'Forbidden'])
}

export async function one_who_says_no_init_is_closed(given) {
  const socket = new WebSocket(`ws://127.0.0.1:${given.port}/graphql`, 'graphql-transport-ws')
  const { code, reason } = await inTime(
    new Promise((resolve) => { socket.onclose = resolve }), 15_000,
  )
  assert.deepEqual([code, reason], [4408, 'Connection initialisation timeout'])
}

export async function another_subprotocol_is_closed(given) {
  const socket = new WebSocket(`ws://127.0.0.1:${given.port}/graphql`, 'graphql-ws')
  const { code } = await inTime(new Promise((resolve) => { socket.onclose = resolve }))
  assert.ok([4406, 1006].includes(code), String(code)) // 1006: the handshake was refused
}

export async function a_client_that_leaves_in_peace_closes_normally(given) {
  const one = client(given)
  const closed = new Promise((resolve) => one.on('closed', resolve))
  await all(one, { query: CURSOR })
  const { code, wasClean } = await inTime(closed)
  assert.deepEqual([code, wasClean], [1000, true])
  assert.ok(await ask(given, TYPENAME))
}
