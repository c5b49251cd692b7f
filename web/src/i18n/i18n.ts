// Languages: Brazilian Portuguese, and English for whoever's browser asks for it, or who chooses it.
import i18n from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { Language as MailLanguage } from '../gql/graphql'
import type { catalogue } from './pt-BR'

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof catalogue }
  }
}

export const LANGUAGES = ['pt-BR', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

const CHOSEN = 'language' // in localStorage

const CATALOGUES: Record<Language, () => Promise<{ catalogue: object }>> = {
  'pt-BR': () => import('./pt-BR'),
  en: () => import('./en'),
}

export async function speak(language: Language): Promise<void> {
  if (!i18n.hasResourceBundle(language, 'translation')) {
    const { catalogue } = await CATALOGUES[language]()
    i18n.addResourceBundle(language, 'translation', catalogue)
  }
  await i18n.changeLanguage(language)
  document.documentElement.lang = language
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
