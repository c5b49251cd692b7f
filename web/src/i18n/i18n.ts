// Languages: Brazilian Portuguese, and English for whoever's browser asks for it, or who chooses it.
import i18n from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { Language as MailLanguage } from '../gql/graphql'
import type { catalogue } from './pt-BR'
import type { catalogue as administrators } from './pt-BR/administrators'

declare module 'i18next' {
  interface CustomTypeOptions {
    // Those of administrators are there in their own pages alone: `also`.
    resources: { translation: typeof catalogue & typeof administrators }
  }
}

export const LANGUAGES = ['pt-BR', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

const CHOSEN = 'language' // in localStorage

type Words = Record<Language, () => Promise<{ catalogue: object }>>

const wanted: Words[] = [{ 'pt-BR': () => import('./pt-BR'), en: () => import('./en') }]

export async function speak(language: Language): Promise<void> {
  await Promise.all(wanted.map(words => read(words, language)))
  await i18n.changeLanguage(language)
  document.documentElement.lang = language
}

/** Words that few need. Who awaits it has them, in whichever language is chosen later too. */
export async function also(words: Words): Promise<void> {
  wanted.push(words)
  await read(words, i18n.language as Language)
}

async function read(words: Words, language: Language): Promise<void> {
  const { catalogue } = await words[language]()
  i18n.addResourceBundle(language, 'translation', catalogue, true, true)
}

export async function choose(language: Language): Promise<void> {
  localStorage.setItem(CHOSEN, language)
  await speak(language)
}

export async function begin(): Promise<void> {
  await i18n.use(initReactI18next).init({
    fallbackLng: false,
    interpolation: { escapeValue: false }, // React escapes
  })
  await speak(preferred(localStorage.getItem(CHOSEN), navigator.languages))
}

/** The language that was chosen, or the first of the browser's that there is. */
export function preferred(chosen: string | null, wanted: readonly string[]): Language {
  for (const tag of chosen === null ? wanted : [chosen, ...wanted]) {
    const base = tag.slice(0, 2).toLowerCase()
    const found = LANGUAGES.find(language => language.startsWith(base))
    if (found) return found
  }
  return 'pt-BR'
}

/** In which language mail is to come to who reads this one. */
export const mailIn = (language: string): MailLanguage =>
  language === 'en' ? 'ENGLISH' : 'PORTUGUESE'
