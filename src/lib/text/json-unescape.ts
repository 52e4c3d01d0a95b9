import { ownMember } from '../own-member.ts'

const BACKSLASH = 0x5c
const LETTER_U = 0x75
const SHORT_ESCAPES: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/**
 * Undoes the escapes of a JSON string that arrives in pieces, cut anywhere; the result is UTF-8. A lone surrogate
 * becomes U+FFFD, as in Go. An unknown escape throws a SyntaxError.
 */
export class JsonUnescape {
  /** The escape being read, from its backslash on; '' outside of one. */
  #escape = ''
  /** A first half of a surrogate pair that waits for its second. */
  #half = ''

  /** The unescaped text of the next piece of what stands between the quotes. */
  write(piece: Buffer): Buffer {
    if (this.#escape === '' && this.#half === '' && !piece.includes(BACKSLASH)) return piece
    // No escape is shorter than what it stands for; halves and escapes from earlier pieces need a little more.
    const out = Buffer.allocUnsafe(piece.length + 8)
    let length = 0
    for (let at = 0; at < piece.length; ) {
      if (this.#escape !== '') {
        length += out.write(this.#readEscape(piece[at]), length)
        at++
        continue
      }
      const backslash = piece.indexOf(BACKSLASH, at)
      const end = backslash === -1 ? piece.length : backslash
      if (end > at) {
        length += out.write(this.#lone(), length)
        length += piece.copy(out, length, at, end)
      }
      if (backslash !== -1) this.#escape = '\\'
      at = end + 1
    }
    return out.subarray(0, length)
  }

  /** What is left at the end. */
  end(): Buffer {
    if (this.#escape !== '') throw new SyntaxError('the string ends in the middle of an escape')
    return Buffer.from(this.#lone())
  }

  /** Takes the next byte of an escape; yields the text once it is complete. */
  #readEscape(byte = 0): string {
    this.#escape += String.fromCharCode(byte)
    if (this.#escape.length === 2 && byte !== LETTER_U) {
      const text = ownMember(SHORT_ESCAPES, this.#escape.charAt(1))
      if (text === undefined) throw new SyntaxError(`there is no escape ${this.#escape}`)
      this.#escape = ''
      return this.#lone() + text
    }
    if (this.#escape.length < 6) return ''
    const hex = this.#escape.slice(2)
    if (!/^[\da-f]{4}$/i.test(hex)) throw new SyntaxError(`there is no escape ${this.#escape}`)
    this.#escape = ''
    return this.#readUnit(String.fromCharCode(Number.parseInt(hex, 16)))
  }

  #readUnit(unit: string): string {
    const isSecondHalf = unit >= '\udc00' && unit <= '\udfff'
    const before = isSecondHalf ? this.#half : this.#lone()
    this.#half = ''
    if (unit < '\ud800' || unit > '\udbff') return before + unit
    this.#half = unit
    return before
  }

  /** A first half whose second did not come; written as UTF-8 it becomes U+FFFD. */
  #lone(): string {
    const half = this.#half
    this.#half = ''
    return half
  }
}
