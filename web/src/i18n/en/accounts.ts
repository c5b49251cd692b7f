import type { Catalogue } from '../catalogue'

export const accounts: Catalogue['accounts'] = {
  signUp: 'Create a patient account',
  name: 'Full name',
  cpfHint: 'The 11 digits, with or without punctuation.',
  cpfWrong: 'There is no such CPF. Check its digits.',
  birthDate: 'Date of birth (optional)',
  password: '8 to 128 characters, that nobody would guess.',
  create: 'Create account',
  created: 'Almost there: if your e-mail has to be confirmed, we have sent a link. Then sign in.',
  confirm: 'Confirm e-mail',
  confirmLead: 'Confirm that this e-mail address is yours.',
  confirmed: 'E-mail confirmed. You can sign in now.',
  forgot: 'Forgot my password',
  forgotLead: 'We send you a link for a new password.',
  send: 'Send link',
  sent: 'If there is an account with this e-mail, the link comes in a moment.',
  reset: 'Choose a new password',
  newPassword: 'New password',
  save: 'Save password',
  saved: 'The password has been changed. Sign in with it.',
  problems: {
    INVALID: 'Please check this field.',
    ALREADY_REGISTERED:
      'There is an account with this already. Sign in, or ask for a new password.',
    TOKEN_EXPIRED: 'This link has been used, or is too old. Ask for another.',
    TOO_MANY_ATTEMPTS: 'Too many attempts. Wait a little and try again.',
    other: 'It is not possible now. Try again later.',
  },
}
