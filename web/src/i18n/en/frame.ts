import type { Catalogue } from '../catalogue'

export const frame: Catalogue['frame'] = {
  newVersion: 'There is a newer version of this page.',
  load: 'Load it',
  broken: 'This part could not be loaded.',
  again: 'Load again',
}
