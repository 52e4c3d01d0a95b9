const NUL = '\0'

/**
 * A text from outside as every database stores and compares it: PostgreSQL has no NUL in texts, and half a surrogate
 * pair has no encoding. Both become U+FFFD. Texts that are equal afterwards are one key, so whoever looks for what it
 * stored, or keeps rows apart by a text before they are stored, compares this.
 */
export function storable(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  return whole.includes(NUL) ? whole.replaceAll(NUL, '\uFFFD') : whole
}
