import { opendir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode, InstallationError } from '../../lib/process/installation-error.ts'
import { isFile } from '../places.ts'
import { UnreadableRow } from '../signal/go-json.ts'
import { fileOfKey, keyOfFile, type NamedKey } from './file-name.ts'
import { parseJson } from './json.ts'

const CREDENTIALS = 'creds.json'
const KIBIBYTE = 1024
const MEBIBYTE = 1024 * KIBIBYTE
/** Of what can grow; everything else has some hundred bytes. */
const MOST_BYTES: Partial<Record<NamedKey['kind'], number>> = {
  session: 8 * MEBIBYTE,
  'sender-key': 8 * MEBIBYTE,
  'app-state-sync-version': 64 * MEBIBYTE,
}
const MOST_OTHER_BYTES = 64 * KIBIBYTE
const MOST_CREDENTIALS_BYTES = 4 * MEBIBYTE
const PORTION = 100
/** A program that runs writes whenever something happens. */
const RECENT_MS = 10_000

/** The folder in which the library keeps one linked device, a file for each key. */
export class KeyFolder {
  readonly path: string
  readonly #openedAt: number

  constructor(path: string, now = Date.now()) {
    this.path = path
    this.#openedAt = now
  }

  /** The credentials, as they are written. Throws UnreadableRow. */
  readCredentials(): Promise<unknown> {
    return this.#read(CREDENTIALS, { mostBytes: MOST_CREDENTIALS_BYTES, hasBytes: true })
  }

  /** A key, as it is written. Throws UnreadableRow, also when there is none. */
  read(key: NamedKey): Promise<unknown> {
    const mostBytes = MOST_BYTES[key.kind] ?? MOST_OTHER_BYTES
    // In a session bytes are base64, and what looks like bytes is something else.
    return this.#read(fileOfKey(key), { mostBytes, hasBytes: key.kind !== 'session' })
  }

  async has(key: NamedKey): Promise<boolean> {
    return Boolean(await this.#found(fileOfKey(key)))
  }

  /** What keys there are, in no order. */
  async *keys(): AsyncGenerator<NamedKey[]> {
    let some: NamedKey[] = []
    for await (const { name } of await this.#open()) {
      const key = keyOfFile(name)
      if (key) some.push(key)
      if (some.length < PORTION) continue
      yield some
      some = []
    }
    if (some.length > 0) yield some
  }

  /** A sentence where something was written a moment ago, else ''. Who has read it cannot be told. */
  async recentUse(now = Date.now()): Promise<string> {
    for (const name of ['', CREDENTIALS]) {
      const found = await this.#found(name)
      const age = now - (found?.mtimeMs ?? 0)
      if (age >= 0 && age < RECENT_MS)
        return `${this.path} was written to ${Math.ceil(age / 1000)} seconds ago, as if its program were running`
    }
    return ''
  }

  async #read(
    name: string,
    { mostBytes, hasBytes }: { mostBytes: number; hasBytes: boolean },
  ): Promise<unknown> {
    const found = await this.#found(name)
    if (!found?.isFile()) throw new UnreadableRow(`there is no file ${name}`)
    if (found.size > mostBytes) throw new UnreadableRow('it is longer than any real one')
    // Files bear the time of the kernel's last tick, some milliseconds ago: a write that soon after the opening passes as older.
    if (Math.floor(found.mtimeMs) > this.#openedAt && found.mtimeMs <= Date.now())
      throw new InstallationError(`${this.path} is being written to: stop the program it belongs to first`)
    const text = await readFile(join(this.path, name), 'utf8').catch((cause: unknown) => {
      throw new InstallationError(`${join(this.path, name)} cannot be read (${errorCode(cause)})`, { cause })
    })
    return parseJson(text, { hasBytes })
  }

  #found(name: string) {
    return stat(join(this.path, name)).catch(() => undefined)
  }

  #open() {
    return opendir(this.path).catch((cause: unknown) => {
      throw new InstallationError(`${this.path} cannot be read (${errorCode(cause)})`, { cause })
    })
  }
}

/** Whether the library keeps a device in this folder. */
export function isKeyFolder(path: string): Promise<boolean> {
  return isFile(join(path, CREDENTIALS))
}
