import type { i18n } from 'i18next'
import type { catalogue } from '../../i18n/pt-BR/administrators'

const wordsOf = (of: keyof (typeof catalogue)['audited'], i18n: i18n) =>
  i18n.getResource(i18n.language, 'translation', `audited.${of}`) as Record<string, string>

/** What the audit log's own name is called; itself, if a newer server has one that is not known. */
export function labelOf(of: 'actions' | 'subjects', name: string, i18n: i18n): string {
  return wordsOf(of, i18n)[name] ?? name
}

/** All actions, by their names in the language that is spoken. */
export function actionsIn(i18n: i18n): [string, string][] {
  const collator = new Intl.Collator(i18n.language)
  return Object.entries(wordsOf('actions', i18n)).sort(([, one], [, other]) =>
    collator.compare(one, other),
  )
}
