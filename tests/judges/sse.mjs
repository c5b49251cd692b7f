// GraphQL over Server-Sent Events, as the real graphql-sse client meets it: in the distinct and in
// the single connection mode; and what the protocol says of the latter's requests, by hand.
import assert from 'node:assert/strict'
import { createClient } from 'graphql-sse'
import {
  all, authorization, CHANGES, cursor, inTime, line, listen, publish, refusal, TYPENAME,
  values, WITHDRAW,
} from './clients.mjs'

const TOKEN = 'x-graphql-event-stream-token'

function address({ port }) {
  return `http://127.0.0.1:${port}/graphql/stream`
}

function client(given, options = {}) {
  return createClient({
    url: address(given), headers: authorization(given), retryAttempts: 0, ...options,
  })
}

const single = (given, options = {}) => client(given, { singleConnection: true, ...options })

const slots = (heard) => heard.map(({ data }) => data.slotChanges.slot.id)

async function following(given, after) {
  return { query: CHANGES, variables: { doctors: [given.doctor], after: after ?? (await cursor(given)) } }
}

async function answers_and_completes(given, one) {
  assert.deepEqual(values(await all(one, { query: TYPENAME })), [{ __typename: 'Query' }])
  const query = 'query A { __typename } query B { b: __typename }'
  assert.deepEqual(values(await all(one, { query, operationName: 'B' })), [{ b: 'Query' }])
}

async function mutates(given, one, hours) {
  const input = { slotIds: [await publish(given, hours)] }
  const [{ data }] = await all(one, { query: WITHDRAW, variables: { input } })
  assert.deepEqual(data.withdrawSlots.slots, [{ status: 'WITHDRAWN' }])
}

async function replays_and_goes_on_live(given, one, hours) {
  const after = await cursor(given)
  const missed = await publish(given, hours)
  const { heard, until } = listen(one, await following(given, after))
  await until(1)
  const live = await publish(given, hours + 1)
  await until(2)
  assert.deepEqual(slots(heard), [missed, live])
}

// Kill the line under a subscription; the client comes back by itself, from what it heard last.
async function comes_back(given, connect, hours) {
  const through = await line(given)
  let connected = 0
  const one = connect({ ...given, port: through.port }, {
    retryAttempts: 5,
    retry: () => new Promise((resolve) => setTimeout(resolve, 100)),
    on: { connected: () => { connected += 1 } },
  })
  const payload = await following(given)
  const { heard, until } = listen(
    { subscribe: (request, sink) => one.subscribe(request, { ...sink, next(answer) {
      payload.variables.after = answer.data.slotChanges.cursor
      sink.next(answer)
    } }) },
    payload,
  )
  const ids = [await publish(given, hours)]
  await until(1)

  through.cut()
  ids.push(await publish(given, hours + 1)) // while nobody listens
  await until(2)

  assert.deepEqual(slots(heard), ids)
  assert.equal(connected, 2)
}

// ---------------------------------------------------------------- distinct connections mode

export async function distinct_a_query_is_answered_and_completed(given) {
  await answers_and_completes(given, client(given))
}

export async function distinct_a_mutation_is_answered(given) {
  await mutates(given, client(given), 12)
}

export async function distinct_after_replays_and_goes_on_live(given) {
  await replays_and_goes_on_live(given, client(given), 13)
}

export async function distinct_a_refusal_is_a_next_event_with_errors(given) {
  for (const query of ['{ nothing }', '{', 'query ($a: ID!) { node(id: $a) { id } }']) {
    const [answer, ...more] = await all(client(given), { query })
    assert.deepEqual(more, [])
    assert.ok(!('data' in answer))
    assert.deepEqual(answer.errors.map((error) => error.extensions.code), ['BAD_USER_INPUT'])
  }
}

export async function distinct_a_stopped_subscription_hears_no_more(given) {
  const { heard, over, stop, until } = listen(client(given), await following(given))
  await publish(given, 15)
  await until(1)
  stop()
  await inTime(over)
  await publish(given, 16)
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.equal(heard.length, 1)
}

export async function distinct_a_killed_line_is_followed_by_another_without_loss(given) {
  await comes_back(given, client, 17)
}

export async function distinct_the_stream_is_as_the_protocol_says(given) {
  const response = await fetch(address(given), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: TYPENAME }),
  })
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type'), /^text\/event-stream/)
  const events = (await response.text()).split('\n\n').filter((it) => /^event:/m.test(it))
  assert.match(events[0], /^event: ?next$/m)
  assert.deepEqual(JSON.parse(/^data: ?(.*)$/m.exec(events[0])[1]).data, { __typename: 'Query' })
  assert.match(events[1], /^event: ?complete$/m)
  assert.match(events[1], /^data: ?$/m) // without it an EventSource would not tell of it
  assert.equal(events.length, 2)
}

export async function distinct_last_event_id_goes_on_where_one_was(given) {
  const after = await cursor(given)
  const ids = [await publish(given, 19), await publish(given, 20)]
  const first = await read(given, await following(given, after), {}, 2)
  assert.deepEqual(first.map(({ data }) => JSON.parse(data).data.slotChanges.slot.id), ids)

  const again = await read(given, await following(given, after), { 'last-event-id': first[0].id }, 1)

  assert.equal(JSON.parse(again[0].data).data.slotChanges.slot.id, ids[1])
}

// ---------------------------------------------------------------- single connection mode

export async function single_a_query_is_answered_and_completed(given) {
  await answers_and_completes(given, single(given))
}

export async function single_a_mutation_is_answered(given) {
  await mutates(given, single(given), 21)
}

export async function single_after_replays_and_goes_on_live(given) {
  await replays_and_goes_on_live(given, single(given), 22)
}

export async function single_many_operations_share_a_connection(given) {
  let connected = 0
  const one = single(given, { lazy: false, on: { connected: () => { connected += 1 } } })
  const changes = listen(one, await following(given))
  const answers = await Promise.all(Array.from({ length: 10 }, () => all(one, { query: TYPENAME })))
  const id = await publish(given, 24)
  await changes.until(1)
  assert.deepEqual(slots(changes.heard), [id])
  assert.equal(answers.flat().length, 10)
  assert.equal(connected, 1)
}

export async function single_a_refused_operation_is_a_refused_request(given) {
  for (const query of ['{ nothing }', '{']) {
    const { response } = await refusal(single(given), { query })
    assert.equal(response.status, 400)
  }
}

export async function single_a_stopped_subscription_hears_no_more(given) {
  const messages = []
  const one = single(given, { lazy: false, onMessage: (message) => messages.push(message) })
  const { heard, over, stop, until } = listen(one, await following(given))
  await publish(given, 25)
  await until(1)
  stop()
  await inTime(over)
  await publish(given, 26)
  await all(one, { query: TYPENAME })
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.equal(heard.length, 1)
  const changes = messages.filter(({ data }) => data?.payload?.data?.slotChanges)
  assert.equal(changes.length, 1)
}

export async function single_a_killed_line_is_followed_by_another_without_loss(given) {
  await comes_back(given, single, 27)
}

export async function single_a_reservation_is_created_and_fulfilled_once(given) {
  const token = await reserve(given)
  const stream = await open(given, token)
  assert.equal(stream.status, 200)
  assert.match(stream.headers.get('content-type'), /^text\/event-stream/)

  const second = await open(given, token)

  assert.ok(second.status >= 400 && second.status < 500, String(second.status))
  await stream.body.cancel()
}

export async function single_a_token_may_come_in_the_url(given) {
  const token = await reserve(given)
  const stream = await fetch(`${address(given)}?token=${encodeURIComponent(token)}`, {
    headers: { accept: 'text/event-stream' },
  })
  assert.equal(stream.status, 200)
  assert.match(stream.headers.get('content-type'), /^text\/event-stream/)
  await stream.body.cancel()
}

export async function single_without_a_reservation_nothing_runs(given) {
  for (const headers of [{}, { [TOKEN]: 'nonsense' }]) {
    const posted = await post(given, { query: TYPENAME, extensions: { operationId: '1' } }, headers)
    const deleted = await fetch(`${address(given)}?operationId=1`, { method: 'DELETE', headers })
    if (TOKEN in headers) assert.ok(posted.status >= 400 && posted.status < 500, String(posted.status))
    assert.ok(deleted.status >= 400 && deleted.status < 500, String(deleted.status))
    await posted.body.cancel()
  }
}

export async function single_the_messages_are_as_the_protocol_says(given) {
  const token = await reserve(given)
  const stream = await open(given, token)
  const body = { query: TYPENAME, extensions: { operationId: 'the one' } }
  const accepted = await post(given, body, { [TOKEN]: token })
  assert.equal(accepted.status, 202)
  const [next, complete] = await events(stream, 2)
  assert.equal(next.event, 'next')
  const { id, payload } = JSON.parse(next.data)
  assert.equal(id, 'the one')
  assert.deepEqual(payload.data, { __typename: 'Query' })
  assert.equal(complete.event, 'complete')
  assert.deepEqual(JSON.parse(complete.data), { id: 'the one' })
}

export async function single_an_operation_waits_for_its_stream(given) {
  const token = await reserve(given)
  const body = { query: TYPENAME, extensions: { operationId: '1' } }
  assert.equal((await post(given, body, { [TOKEN]: token })).status, 202)
  const [next] = await events(await open(given, token), 1)
  assert.equal(JSON.parse(next.data).id, '1')
}

export async function single_an_id_in_use_is_refused(given) {
  const token = await reserve(given)
  const stream = await open(given, token)
  const body = { ...(await following(given)), extensions: { operationId: '1' } }
  assert.equal((await post(given, body, { [TOKEN]: token })).status, 202)
  const again = await post(given, body, { [TOKEN]: token })
  assert.ok(again.status >= 400 && again.status < 500, String(again.status))
  await stream.body.cancel()
}

export async function single_an_unknown_operation_is_stopped_without_ado(given) {
  const token = await reserve(given)
  const stream = await open(given, token)
  const url = `${address(given)}?operationId=unknown`
  const { status } = await fetch(url, { method: 'DELETE', headers: { [TOKEN]: token } })
  assert.ok(status < 500, String(status))
  await stream.body.cancel()
}

// ---------------------------------------------------------------- by hand

async function reserve(given) {
  const response = await fetch(address(given), { method: 'PUT', headers: authorization(given) })
  assert.equal(response.status, 201)
  return response.text()
}

function open(given, token) {
  return fetch(address(given), { headers: { accept: 'text/event-stream', [TOKEN]: token } })
}

function post(given, body, headers) {
  return fetch(address(given), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization(given), ...headers },
    body: JSON.stringify(body),
  })
}

async function read(given, body, headers, count) {
  return events(await post(given, body, { accept: 'text/event-stream', ...headers }), count)
}

// The first `count` events of a stream, which is then left.
async function events(response, count) {
  const found = []
  let text = ''
  await inTime((async () => {
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const blocks = text.split('\n\n')
      text = blocks.pop()
      for (const block of blocks) {
        const event = Object.fromEntries(
          block.split('\n').filter((row) => row && !row.startsWith(':')).map((row) => {
            const [name, ...value] = row.split(':')
            return [name, value.join(':').replace(/^ /, '')]
          }),
        )
        if (event.event) found.push(event)
      }
      if (found.length >= count) return
    }
  })())
  return found
}
