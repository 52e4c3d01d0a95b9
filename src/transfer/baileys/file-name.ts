import type { KeyKind } from '../../whatsapp/keys/key-text.ts'

/** A key of the library, as it names it. */
export interface NamedKey {
  kind: KeyKind
  id: string
}

/** The kinds a folder may hold. One that begins like another stands before it. */
const KINDS: KeyKind[] = [
  'sender-key-memory',
  'sender-key',
  'app-state-sync-version',
  'app-state-sync-key',
  'pre-key',
  'session',
  'identity-key',
  'lid-mapping',
  'device-list',
  'tctoken',
]
const ENDING = '.json'
/** Group, user and device; of a group's own name only the first part may hold a hyphen, and never two. */
const SENDER_KEY = /^(.+)--([^-]+)--(\d+)$/

/**
 * The key behind the name of a file. The library writes `/` as `__` and `:` as `-` into names, which no rule undoes for all
 * kinds alike. Undefined for files that hold no key.
 */
export function keyOfFile(file: string): NamedKey | undefined {
  if (!file.endsWith(ENDING)) return undefined
  const name = file.slice(0, -ENDING.length)
  const kind = KINDS.find((one) => name.startsWith(`${one}-`))
  if (!kind) return undefined
  const id = idOf(kind, name.slice(kind.length + 1))
  return id ? { kind, id } : undefined
}

/** The name of the file that the library keeps a key in. */
export function fileOfKey({ kind, id }: NamedKey): string {
  return `${kind}-${id.replaceAll('/', '__').replaceAll(':', '-')}${ENDING}`
}

function idOf(kind: KeyKind, written: string): string {
  if (kind === 'sender-key') {
    const [, group, user, device] = SENDER_KEY.exec(written) ?? []
    return group ? `${group}::${user}::${device}` : ''
  }
  // Base64, which has no underscore of its own.
  return kind === 'app-state-sync-key' ? written.replaceAll('__', '/') : written
}
