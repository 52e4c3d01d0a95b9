const EXPERIMENTAL =
  'They are experimental: tested from end to end with the simulated WhatsApp only, not with the real service. Automated calls ' +
  'can get a number banned, and recording a call needs the consent the law asks for.'

/** What the description of a route says that needs voice calls. */
export const CALLS_NOTE = `Voice calls are off unless the operator sets \`CALLS=on\`; then this answers 501. ${EXPERIMENTAL}`

/** What the description of a route says that also shows calls whose voice is carried elsewhere. */
export const CALLS_NOTE_IF_OFF = `Works as well where voice calls are off. ${EXPERIMENTAL}`
