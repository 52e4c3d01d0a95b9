import { nearestName } from '../lib/text/nearest-name.ts'

/** Flag -> whether it is a switch, which takes a value after `=` only. */
export type KnownFlags = ReadonlyMap<string, { isSwitch: boolean }>

/** What a command line says. */
export interface GivenFlags {
  /** Flag without dashes -> its text; the last one counts where it is repeated, and `true` is a switch without value. */
  values: ReadonlyMap<string, string>
  /** Somebody asks which flags there are. */
  wantsHelp: boolean
  /** How many arguments stand behind the flags: nobody reads them. */
  unread: number
}

/** A command line cannot be read; the sentence names the flag, never a value. */
export class FlagError extends Error {
  override readonly name = 'FlagError'
}

/**
 * Reads a command line by the rules of Go's package `flag`: one dash or two, a value after `=` or as the next argument
 * whatever it looks like, switches with `=` only, and nothing behind `--` or behind the first argument that is no flag.
 * Throws FlagError.
 */
export function readFlags(args: readonly string[], known: KnownFlags): GivenFlags {
  const values = new Map<string, string>()
  let at = 0
  while (at < args.length) {
    const arg = args[at] ?? ''
    if (!/^-./s.test(arg)) break
    at++
    if (arg === '--') break
    const [, name = '', , value] = /^--?([^=]*)(=(.*))?$/s.exec(arg) ?? []
    if (name === '' || name.startsWith('-')) throw new FlagError(`${arg.replace(/=.*$/s, '')} is not a flag`)
    const flag = known.get(name)
    if (!flag && (name === 'help' || name === 'h')) return { values, wantsHelp: true, unread: 0 }
    if (!flag) throw new FlagError(unknownFlag(name, known))
    if (value !== undefined) values.set(name, value)
    else if (flag.isSwitch) values.set(name, 'true')
    else if (at < args.length) values.set(name, args[at++] ?? '')
    else throw new FlagError(`-${name} needs a value`)
  }
  return { values, wantsHelp: false, unread: args.length - at }
}

function unknownFlag(name: string, known: KnownFlags): string {
  const near = nearestName(name, [...known.keys()])
  const meant = near === undefined ? '' : ` (did you mean -${near}?)`
  return `there is no flag -${name}${meant}; -help lists them all`
}
