import type { catalogue } from './pt-BR'

type Words<Texts> = {
  readonly [Key in keyof Texts]: Texts[Key] extends string ? string : Words<Texts[Key]>
}

/** What every language says. */
export type Catalogue = Words<typeof catalogue>
