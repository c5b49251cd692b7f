import type { Catalogue } from '../catalogue'

export const signIn: Catalogue['signIn'] = {
  title: 'Sign in',
  lead: 'Your visit, wherever you are.',
  claims: {
    live: 'You see every change as it happens',
    direct: 'The video goes straight between you and the doctor',
    yours: 'Only those you allow can see your record',
  },
  as: 'Sign in as',
  patient: 'Patient',
  doctor: 'Doctor',
  email: 'E-mail',
  cpf: 'CPF',
  crm: 'CRM number',
  uf: 'State of the CRM',
  password: 'Password',
  otp: 'Code of your authenticator app',
  otpHint: 'Six digits, or a recovery code.',
  submit: 'Sign in',
  submitting: 'Signing in…',
  only: 'This account signs in elsewhere.',
  problems: {
    INVALID: 'Please check this field.',
    INVALID_CREDENTIALS: 'These do not match. Please check and try again.',
    TOO_MANY_ATTEMPTS: 'Too many attempts. Wait a little and try again.',
    MFA_REQUIRED: 'Type the code of your authenticator app.',
    other: 'It is not possible to sign in now.',
  },
  required: 'Please fill in this field.',
}
