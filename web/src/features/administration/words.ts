// Awaited by whatever is for administrators: their words come with their pages.
import { also } from '../../i18n/i18n'

await also({
  'pt-BR': () => import('../../i18n/pt-BR/administrators'),
  en: () => import('../../i18n/en/administrators'),
})
