import type { Catalogue } from '../catalogue'

export const notFound: Catalogue['notFound'] = {
  title: 'Page not found',
  text: 'This address leads nowhere.',
  notYours: 'Not for you',
  notYoursText: 'These pages are for the clinic’s administrators.',
  home: 'To the start',
}
