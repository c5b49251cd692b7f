// Prints what the page says: {language: {key: text}}, the keys of nested texts joined by dots.
import { registerHooks } from 'node:module'

registerHooks({
  // The catalogues name each other without the ending, as the bundler of the page reads them.
  resolve: (name, context, next) =>
    next(name.startsWith('.') && !/\.\w+$/.test(name) ? `${name}.ts` : name, context),
})

function flat(texts, under = '') {
  return Object.entries(texts).flatMap(([key, text]) =>
    typeof text === 'string' ? [[under + key, text]] : flat(text, `${under}${key}.`),
  )
}

const said = {}
for (const language of ['pt-BR', 'en']) {
  const folder = new URL(`../../web/src/i18n/${language}/`, import.meta.url)
  const files = await Promise.all(
    ['index.ts', 'administrators.ts'].map(file => import(new URL(file, folder))),
  )
  said[language] = Object.fromEntries(files.flatMap(file => flat(file.catalogue)))
}
console.log(JSON.stringify(said))
