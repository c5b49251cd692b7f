import type { Catalogue } from '../catalogue'

export const inPerson: Catalogue['inPerson'] = {
  title: 'Visits in person',
  ask: 'I would rather be seen in person',
  asking: 'Ask {{name}} for a visit in person',
  lead: 'The doctor answers whether it can be done, and where. You agree on the time in your messages: nothing is booked here.',
  message: 'Your message',
  messageHint: 'The doctor will read it. 10 to 500 characters.',
  send: 'Send request',
  asked: 'Your request went to {{name}}. You are told by e-mail of the answer, which is kept in',
  at: 'Asked on {{at}}',
  theirAnswer: "The doctor's answer:",
  yourAnswer: 'Your answer',
  status: {
    ASKED: 'Waiting for an answer',
    ACCEPTED: 'The doctor will see the patient',
    REFUSED: 'The doctor will not see the patient',
    WITHDRAWN: 'Withdrawn',
  },
  withdraw: 'Withdraw request',
  answer: 'Answer',
  answering: 'Visit of {{name}} in person',
  accept: 'I will do it',
  refuse: 'I cannot do it',
  acceptHint: 'Say where and when. 10 to 500 characters; the patient will read it.',
  refuseHint: 'Say why not, and where else. 10 to 500 characters; the patient will read it.',
  sendAnswer: 'Send answer',
  refused: {
    WRONG_STATUS:
      'This was asked already, or has been answered. See how it stands in My appointments.',
    LIMIT_REACHED: 'You have asked often. Wait for an answer, or withdraw a request.',
    INVALID: 'Write 10 to 500 characters.',
  },
}
