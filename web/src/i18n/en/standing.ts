import type { Catalogue } from '../catalogue'

export const standing: Catalogue['standing'] = {
  why: 'On {{day}}: “{{reason}}”',
  PENDING: {
    title: 'Your registration is being checked.',
    lead: 'The council has not answered yet. Until it does, patients do not find you and no times can be published; complete your profile meanwhile. We tell you by e-mail.',
  },
  SUSPENDED: {
    title: 'Your registration is suspended.',
    lead: 'Patients do not find you, and you can neither accept nor hold visits. If this is a mistake, reply to the e-mail that you were sent, with what proves the registration.',
  },
}
