import type { Dropped } from './device.ts'

/** The tokens of a source: what is empty, or has been used before, is not taken over. Two of one token were possible there. */
export class SourceTokens {
  /** Whose they are. */
  readonly #names = new Map<string, string>()

  /** The token as it is to be stored, '' with a note where the user has to get another one. */
  take(token: string, name: string, notes: Dropped[]): string {
    const note = (why: string) => notes.push({ what: 'token', whose: name, why })
    if (token === '') note('it is empty: give the user one before its programs can call')
    const other = this.#names.get(token)
    if (token !== '' && other !== undefined) {
      note(`the user ${other} has the same one: give one of them another`)
      return ''
    }
    this.#names.set(token, name)
    return token
  }
}
