/** Letters and digits that nobody guesses and everybody can type. */
export function newSecret(length = 24) {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
  return Array.from(
    crypto.getRandomValues(new Uint8Array(length)),
    (byte) => alphabet[byte % alphabet.length],
  ).join('')
}
