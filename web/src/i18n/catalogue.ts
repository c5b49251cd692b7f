import type { catalogue } from './pt-BR'
import type { catalogue as administrators } from './pt-BR/administrators'

type Words<Texts> = {
  readonly [Key in keyof Texts]: Texts[Key] extends string ? string : Words<Texts[Key]>
}

/** What every language says. */
export type Catalogue = Words<typeof catalogue>

/** What every language says to administrators. */
export type Administrators = Words<typeof administrators>
