// The audits of graphql-http, one line of JSON each; without a URL, the list of them.
import { serverAudits } from 'graphql-http'

const [url] = process.argv.slice(2)

for (const { id, name, fn } of serverAudits({ url: url ?? '' })) {
  if (!url) {
    console.log(`${id} ${name}`)
    continue
  }
  const { status, reason, response } = await fn()
  const body = response && (await response.clone().text())
  console.log(JSON.stringify({ id, status, reason, answered: response?.status, body }))
}
