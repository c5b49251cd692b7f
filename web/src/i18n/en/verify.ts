import type { Catalogue } from '../catalogue'

export const verify: Catalogue['verify'] = {
  title: 'Check a certificate or a prescription',
  lead: 'Type the code at the foot of the paper, or point the camera of your phone at its QR code.',
  code: 'Verification code',
  codeHint: '20 letters and digits, with or without dashes.',
  submit: 'Check',
  badCode: 'A code has 20 letters from A to F and digits.',
  often: 'Too many questions from this place. Try again in {{count}} seconds.',
  unknown: 'No paper was issued here with this code',
  unknownText:
    'Please see that you have copied all of the code. If so, the paper was not issued by this clinic.',
  signed: 'A valid paper, issued by this clinic',
  unsigned: 'Issued here, but without digital signature',
  unsignedText: 'Without the doctor’s digital signature this paper is not valid yet.',
  kind: 'Paper',
  kinds: { CERTIFICATE: 'Medical certificate', PRESCRIPTION: 'Prescription' },
  at: 'Issued on',
  doctor: 'Doctor',
  signature: 'Digital signature',
  signatures: { SIGNED: 'Signed (ICP-Brasil)', UNSIGNED: 'Not signed' },
  sha256: 'SHA-256 of the file',
  file: {
    title: 'Is this the very file?',
    text: 'The code proves only that a paper was issued. Choose the PDF that you were given: it is compared here, on your device, and is not sent.',
    choose: 'Choose the file',
    same: 'It is the same file: nothing was changed.',
    other: 'It is not the file that was issued. Do not trust what it says.',
    otherUnsigned:
      'It is not the file that counts now. If the doctor has signed it since, ask for the signed one; else do not trust what it says.',
  },
  iti: 'The signature can be checked at this address, too:',
}
