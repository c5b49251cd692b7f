import type { Catalogue } from '../catalogue'

export const check: Catalogue['check'] = {
  title: 'Camera, microphone and connection test',
  begin: 'Test now',
  again: 'Test again',
  busy: 'Say something…',
  heard: 'Did you hear a sound?',
  yes: 'Yes, I did',
  no: 'No',
  yours: 'Your device',
  theirs: "{{name}}'s device",
  camera: { OK: 'Camera works', FAILED: 'No camera', NOT_TESTED: 'Camera not tested' },
  microphone: {
    OK: 'Microphone works',
    FAILED: 'The microphone heard nothing',
    NOT_TESTED: 'Microphone not tested',
  },
  speaker: { OK: 'Sound works', FAILED: 'No sound', NOT_TESTED: 'Sound not tested' },
  network: {
    GOOD: 'Good connection',
    FAIR: 'Fair connection',
    POOR: 'Poor connection',
    NOT_TESTED: 'Connection not tested',
  },
}
