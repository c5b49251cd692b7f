import type { Catalogue } from '../catalogue'

export const notFound: Catalogue['notFound'] = {
  title: 'Page not found',
  text: 'This address leads nowhere.',
  home: 'My appointments',
}
