// What ESLint finds in a schema: node lint.mjs PATH, one line of JSON for each finding.
import { readFile } from 'node:fs/promises'
import { ESLint } from 'eslint'

const text = await readFile(process.argv[2], 'utf8')
const [{ messages }] = await new ESLint().lintText(text, { filePath: 'schema.graphql' })

for (const { line, ruleId: rule, message } of messages) {
  console.log(JSON.stringify({ line, rule, message }))
}
