// Plays one exported function of a script: node scenario.mjs SCRIPT NAME JSON
// It is done when the function is; whatever it leaves open does not hold it up.
const [script, name, given] = process.argv.slice(2)
const play = (await import(`./${script}`))[name]

try {
  await play(JSON.parse(given))
} catch (error) {
  // Clients reject with errors, with close events and with lists of GraphQL errors.
  console.error(error instanceof Error ? error : { code: error.code, reason: error.reason, error })
  process.exit(1)
}
process.exit(0)
