// The page for when there is no line: it makes way for the one that was wanted when there is one.
import { answers } from './answers'

const LOOK_EVERY = 10_000 // milliseconds

async function look(): Promise<void> {
  if (await answers()) location.reload()
}

for (const button of document.querySelectorAll('button')) {
  button.addEventListener('click', () => location.reload())
}
window.addEventListener('online', look)
setInterval(look, LOOK_EVERY)
