import type { Catalogue } from '../catalogue'

export const account: Catalogue['account'] = {
  title: 'My account',
  sessions: 'Where you are signed in',
  unknown: 'Unknown device',
  seen: 'seen at {{at}}',
  current: 'This device',
  end: 'End',
  password: 'Your password',
  factor: {
    title: 'Second factor',
    off: 'With it, whoever knows your password still needs the code of your phone to sign in.',
    begin: 'Set it up',
    scan: 'Scan the code with an authenticator app.',
    qr: 'QR code for the authenticator app',
    type: 'Or type into the app:',
    code: 'Code that the app shows',
    confirm: 'Turn it on',
    codes:
      'Keep these recovery codes: each is good once in place of the app, and they are not shown again.',
    on: 'On since {{since}}.',
    left_one: '{{count}} recovery code is left.',
    left_other: '{{count}} recovery codes are left.',
    remove: 'Turn it off',
  },
}
