import type { Catalogue } from '../catalogue'

export const passkeys: Catalogue['passkeys'] = {
  title: 'Passkeys',
  lead: 'With a passkey you sign in by finger, face or PIN of your device, without password or code. No false page can use it.',
  add: 'Add a passkey',
  create: 'Create passkey',
  name: 'Name of the passkey',
  nameHint: 'For you to know it by: “Ana’s phone”, say.',
  added: 'The passkey “{{name}}” is good from now on.',
  since: 'Since {{day}}',
  used: 'used on {{at}}',
  unused: 'not used yet',
  backedUp: 'its maker keeps a copy',
  remove: 'Remove',
  removeOne: 'Remove the passkey {{name}}',
  removing: 'Remove the passkey {{name}}?',
  removingLead:
    'It lets nobody in any more. Sessions that it began go on: end them below, if need be.',
  removed: 'The passkey “{{name}}” lets nobody in any more.',
  none: 'This browser has no passkeys.',
  byName: 'Passkeys need an address with a name. Open the page like this:',
  faults: {
    left: 'The passkey was not created. Try again whenever you like.',
    known: 'This device has a passkey of this account already.',
    other: 'This device could not create the passkey.',
  },
}
