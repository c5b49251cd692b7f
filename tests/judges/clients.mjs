// What the scenarios of both protocols need: documents, a way to make things happen, and a line
// between client and server that can be cut.
import assert from 'node:assert/strict'
import net from 'node:net'

export const TYPENAME = '{ __typename }'
export const CURSOR = '{ eventCursor }'
export const WITHDRAW = `mutation ($input: WithdrawSlotsInput!) {
  withdrawSlots(input: $input) { slots { status } }
}`
export const CHANGES = `subscription ($doctors: [ID!]!, $after: EventCursor) {
  slotChanges(doctorIds: $doctors, after: $after) { kind cursor slot { id startsAt } }
}`

const PUBLISH = `mutation ($input: PublishSlotsInput!) {
  publishSlots(input: $input) { slots { id } problems { code } }
}`
const HOUR = 3_600_000

export async function ask({ url, token }, query, variables = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = await response.json()
  assert.equal(errors, undefined)
  return data
}

// The doctor publishes a slot, `hours` from midnight tomorrow; its id.
export async function publish(given, hours) {
  const start = Math.ceil(Date.now() / (24 * HOUR)) * 24 * HOUR + hours * HOUR
  const [startsAt, endsAt] = [start, start + HOUR / 2].map((at) => new Date(at).toISOString())
  const { publishSlots } = await ask(given, PUBLISH, { input: { times: [{ startsAt, endsAt }] } })
  assert.deepEqual(publishSlots.problems, [])
  return publishSlots.slots[0].id
}

export async function cursor(given) {
  return (await ask(given, CURSOR)).eventCursor
}

export function authorization({ token }) {
  return { authorization: `Bearer ${token}` }
}

// All that a client hears of one operation, in order, and its end.
export function listen(client, payload) {
  const heard = []
  let wake = () => {}
  let stop
  const over = new Promise((resolve, reject) => {
    const next = (answer) => {
      heard.push(answer)
      wake()
    }
    stop = client.subscribe(payload, { next, error: reject, complete: resolve })
  })
  over.catch(() => {})
  const count = async (number) => {
    while (heard.length < number) await new Promise((resolve) => (wake = resolve))
  }
  return { heard, over, stop, until: (number) => inTime(Promise.race([count(number), over])) }
}

export async function all(client, payload) {
  const { heard, over } = listen(client, payload)
  await inTime(over)
  return heard
}

// Answers bear extensions of ours, too.
export function values(answers) {
  return answers.map(({ data }) => data)
}

export async function refusal(client, payload) {
  return inTime(listen(client, payload).over).then(
    () => assert.fail('it was not refused'),
    (error) => error,
  )
}

export function inTime(promise, milliseconds = 8_000) {
  const late = new Promise((_, reject) =>
    setTimeout(() => reject(new Error('not in time')), milliseconds),
  )
  return Promise.race([promise, late])
}

// A port that passes everything on to the server, until `cut` kills all that goes through it.
export async function line({ port }) {
  const pairs = new Set()
  const listener = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1')
    const pair = [near, far]
    pairs.add(pair)
    for (const end of pair) {
      end.on('error', () => {})
      end.on('close', () => {
        pairs.delete(pair)
        pair.forEach((it) => it.destroy())
      })
    }
    near.pipe(far)
    far.pipe(near)
  })
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve))
  return {
    port: listener.address().port,
    cut() {
      for (const pair of pairs) pair.forEach((end) => end.resetAndDestroy())
    },
  }
}
