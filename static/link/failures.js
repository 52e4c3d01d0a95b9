/** What the server answers, and the key of the words for what a person should do about it; first match wins. */
const FAILURES = [
  [({ status }) => status === 0, 'unreachable'],
  [({ status }) => status === 429, 'failedMany'],
  [({ status }) => status === 409, 'failedTurn'],
  [({ status }) => status >= 502, 'failedRefused'],
  [({ message }) => /lacks|odd length|differ|a part of it/.test(message), 'failedPart'],
  [({ message }) => /no answer of a passkey/.test(message), 'failedNoAnswer'],
  [({ message }) => /made, not used/.test(message), 'failedNew'],
  [({ message }) => /another question/.test(message), 'failedOld'],
  [({ message }) => /another page/.test(message), 'failedPlace'],
  [({ message }) => /not one of WhatsApp/.test(message), 'failedForeign'],
  [({ message }) => /ask who you are/.test(message), 'failedUnverified'],
]

/**
 * The key of the words for a failure; `failedOther` takes what the server said.
 * @param {{status: number, message: string}} failure
 */
export function keyOfFailure(failure) {
  return FAILURES.find(([matches]) => matches(failure))?.[1] ?? 'failedOther'
}
