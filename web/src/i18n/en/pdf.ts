import type { Catalogue } from '../catalogue'

export const pdf: Catalogue['pdf'] = {
  document: 'Pages of {{name}}',
  page: 'Page {{number}} of {{of}}',
  previous: 'Previous page',
  next: 'Next page',
  smaller: 'Smaller',
  larger: 'Larger',
  broken: 'This PDF is damaged and cannot be shown here. You can save it to your device.',
  locked:
    'This PDF has a password and cannot be shown here. Save it and open it with the password.',
}
