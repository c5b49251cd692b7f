// What of OLD its clients would miss in NEW: node breaking.mjs OLD NEW, one line of JSON for each
// change, dangerous ones too (a new enum value, a default that is another).
import { readFile } from 'node:fs/promises'
import { buildSchema, findBreakingChanges, findDangerousChanges } from 'graphql'

const [before, after] = await Promise.all(
  process.argv.slice(2).map(async (path) => buildSchema(await readFile(path, 'utf8'))),
)

for (const { type, description } of findBreakingChanges(before, after)) {
  console.log(JSON.stringify({ type, description }))
}
for (const { type, description } of findDangerousChanges(before, after)) {
  console.log(JSON.stringify({ type, description, dangerous: true }))
}
