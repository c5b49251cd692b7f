import { readFileSync } from 'node:fs'
import { buildSchema, parse, validate } from 'graphql'
import { afterEach, expect, test, vi } from 'vitest'
import { asPartner, Refused } from '../src/playground/caller'
import { fill, NAMES, textOf } from '../src/playground/examples'

const schema = buildSchema(readFileSync('../schema.graphql', 'utf8'))
afterEach(() => vi.unstubAllGlobals())

test.each(NAMES)('the example %s fits the schema', name => {
  expect(validate(schema, parse(textOf(name)))).toEqual([])
})

test('an example is filled in with what there is, each time with a key of its own', async () => {
  const ask = async () => ({
    data: { doctors: { nodes: [{ id: 'doctor_1', nextSlots: [{ id: 'slot_1' }] }] } },
  })
  const { input } = JSON.parse(await fill('requestAppointment', ask))
  const again = JSON.parse(await fill('requestAppointment', ask)).input

  expect(input.slotId).toBe('slot_1')
  expect(input.idempotencyKey).not.toBe(again.idempotencyKey)
})

test('what cannot be found keeps its placeholder', async () => {
  const refused = async () => {
    throw new TypeError('no line')
  }
  expect(JSON.parse(await fill('slotsLive', refused))).toEqual({ doctorIds: ['DOCTOR_ID'] })
})

test('a secret that is wrong is told apart from a server that fails', async () => {
  const answers = (status: number) =>
    vi.stubGlobal('fetch', async () => Response.json({ error: 'invalid_client' }, { status }))

  answers(401)
  await expect(asPartner('id', 'secret')).rejects.toBeInstanceOf(Refused)
  answers(503)
  await expect(asPartner('id', 'secret')).rejects.not.toBeInstanceOf(Refused)
})
