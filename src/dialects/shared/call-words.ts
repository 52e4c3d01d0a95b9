/** What every description of a route for voice calls says. */
export const CALLS_NOTE =
  'Voice calls are experimental and off unless the operator sets `CALLS=on`; otherwise 501. They are tested from end to end with ' +
  'the simulated WhatsApp only, not with the real service. Automated calls can get a number banned, and recording a call needs ' +
  'the consent the law asks for.'
