import { parseEnv } from 'node:util'

/** What opens what the source has encrypted. */
export const SOURCE_KEY_VARIABLE = 'WUZAPI_GLOBAL_ENCRYPTION_KEY'

/** They say where the old database is: the new server must not take it for its own. */
const DATABASE = /^DB_/

export interface TranslatedSettings {
  /** Lines for the new server's `.env`; they hold the secrets of the old one. */
  lines: string[]
  /** Names that say nothing here. */
  unknown: string[]
  /** Names whose values no line of such a file can say. */
  unwritable: string[]
}

/** The settings of the new server, from the `.env` of the old one. `known`: the names that are read here. */
export function translateSettings(text: string, known: ReadonlySet<string>): TranslatedSettings {
  const lines: string[] = []
  const unknown: string[] = []
  const unwritable: string[] = []
  // Node takes an indented comment for the beginning of a name.
  const lined = text.replace(/^[ \t]+/gm, '')
  for (const [name, value] of Object.entries(parseEnv(lined))) {
    if (DATABASE.test(name) || !known.has(name)) unknown.push(name)
    else if (value !== undefined && value !== '') {
      const line = `${name}=${quoted(value)}`
      if (parseEnv(line)[name] === value) lines.push(line)
      else unwritable.push(name)
    }
  }
  return { lines, unknown, unwritable }
}

function quoted(value: string): string {
  if (/^[\w@%+=:,./-]*$/.test(value)) return value
  const quote = [`'`, '"', '`'].find((one) => !value.includes(one)) ?? `'`
  return `${quote}${value}${quote}`
}
