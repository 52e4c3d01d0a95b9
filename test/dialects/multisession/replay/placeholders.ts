/** What stands for a value that differs from run to run, wherever it is; all others stand for one value each. */
const GENERAL: Record<string, RegExp> = {
  '<message_id>': /^[0-9A-F]{16,40}$/,
  '<picture_id>': /^\d+$/,
  '<topic_id>': /^[0-9A-Za-z.-]+$/,
  '<version_id>': /^\d+$/,
  '<delivery_id>': /^.+$/,
  '<iq_id>': /^.+$/,
  '<key_id>': /^.+$/,
  '<uuid>': /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  '<hmac>': /^[0-9a-f]{64}$/,
  '<png>': /^[A-Za-z0-9+/=]+$/,
  '<qr_code>': /^.+$/,
  '<file>': /^.+$/,
  '<port>': /^\d+$/,
  '<time>': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
  '<time_seconds>': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  '<unix_time>': /^\d{9,11}$/,
  '<unix_ms>': /^\d{12,14}$/,
  '<count>': /^\d+$/,
  '<number>': /^\d+(\.\d+)?$/,
  '<size>': /^[\d.]+ [KMG]?B$/,
  '<duration>': /^(\d+h)?(\d+m)?\d+s$/,
  '<go_version>': /^.+$/,
  '<hint text>': /^.+$/,
}

const ANY = /<[a-z][A-Za-z0-9_ ]*>/g

/** Texts of the original that look like a placeholder. */
const LITERAL = ['<token>', '<b>']

/** What each placeholder stands for in this run. */
export class Bindings {
  readonly #values = new Map<string, string>()

  set(name: string, value: string): void {
    this.#values.set(`<${name}>`, value)
  }

  get(name: string): string | undefined {
    return this.#values.get(`<${name}>`)
  }

  /** A text of a request with what is known in place of its placeholders. */
  fill(text: string): string {
    return text.replace(ANY, (name) => {
      if (name === '<unix_time>') return String(Math.floor(Date.now() / 1000))
      return this.#values.get(name) ?? name
    })
  }

  /** The same in every text of a value. */
  fillAll(value: unknown): unknown {
    if (typeof value === 'string')
      return value === '<unix_time>' ? Math.floor(Date.now() / 1000) : this.fill(value)
    if (Array.isArray(value)) return value.map((entry) => this.fillAll(entry))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.fillAll(member)]))
  }

  /** The first difference between what was recorded and what came, '' for none; binds what is seen for the first time. */
  difference(recorded: unknown, actual: unknown, path = ''): string {
    if (typeof recorded === 'string') return this.#textDiffers(recorded, actual, path)
    if (Array.isArray(recorded)) {
      if (!Array.isArray(actual)) return differs(path, recorded, actual)
      if (recorded.length !== actual.length)
        return `${path}: ${actual.length} entries instead of ${recorded.length}`
      return firstOf(recorded, (entry, at) => this.difference(entry, actual[Number(at)], `${path}[${at}]`))
    }
    if (typeof recorded !== 'object' || recorded === null)
      return recorded === actual ? '' : differs(path, recorded, actual)
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual))
      return differs(path, recorded, actual)
    const missing = Object.keys(recorded).filter((key) => !(key in actual))
    const added = Object.keys(actual).filter((key) => !(key in recorded))
    if (missing.length > 0) return `${path}: without ${missing.join(', ')}`
    if (added.length > 0) return `${path}: with ${added.join(', ')}`
    return firstOf(recorded, (value, key) =>
      this.difference(value, (actual as Record<string, unknown>)[key], `${path}.${key}`),
    )
  }

  #textDiffers(recorded: string, actual: unknown, path: string): string {
    const general = GENERAL[recorded]
    if (general) return general.test(String(actual)) ? '' : differs(path, recorded, actual)
    if (typeof actual !== 'string') return differs(path, recorded, actual)
    const names: string[] = []
    let from = 0
    let pattern = ''
    for (const { 0: name, index } of recorded.matchAll(ANY)) {
      pattern += escaped(recorded.slice(from, index))
      from = index + name.length
      const known = this.#values.get(name)
      if (LITERAL.includes(name)) pattern += escaped(name)
      else if (GENERAL[name]) pattern += '(?:.+?)'
      else if (known !== undefined) pattern += escaped(known)
      else {
        names.push(name)
        pattern += '(.+?)'
      }
    }
    const found = new RegExp(`^${pattern}${escaped(recorded.slice(from))}$`, 's').exec(actual)
    if (!found) return differs(path, recorded, actual)
    for (const [at, name] of names.entries()) this.#values.set(name, found[at + 1] ?? '')
    return ''
  }
}

function firstOf(values: object, look: (value: unknown, key: string) => string): string {
  for (const [key, value] of Object.entries(values)) {
    const found = look(value, key)
    if (found !== '') return found
  }
  return ''
}

function differs(path: string, recorded: unknown, actual: unknown): string {
  return `${path}: ${short(actual)} instead of ${short(recorded)}`
}

function short(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 160)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
