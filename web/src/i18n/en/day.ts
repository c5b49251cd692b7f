import type { Catalogue } from '../catalogue'

export const day: Catalogue['day'] = {
  title: 'My day',
  none: 'No visits today.',
  here: 'In the waiting room',
  noShow: 'Did not come',
  undo: 'Undo the no-show',
  early: 'A no-show can be marked from {{time}} on.',
  notMarked: 'It cannot be marked: the patient has been there, or the visit changed.',
  notUndone: 'This can be undone no more.',
}
