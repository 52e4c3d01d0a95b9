import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'

interface RecordedEvent {
  event: string
  trigger: string
  data: object
}

/** What the real server told, once for each happening that it was recorded with. */
const all: RecordedEvent[] = readFileSync(join(import.meta.dirname, 'recorded.jsonl'), 'utf8')
  .trim()
  .split('\n')
  // The file was written in this form.
  .map((line) => JSON.parse(line) as RecordedEvent)

/** What stands for values that vary. */
const PLACEHOLDERS: Record<string, unknown> = {
  '<time>': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
  '<time_seconds>': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  '<unix_time>': expect.any(Number),
  '<unix_ms>': expect.any(Number),
}

/** The recorded data of an event with this happening, for `toEqual`; `differing` members replace recorded ones. */
export function recorded(event: string, trigger: string, differing: object = {}): object {
  const found = all.find((one) => one.event === event && one.trigger.startsWith(trigger))
  if (!found) throw new Error(`nothing was recorded of ${event} with ${trigger}`)
  return { ...(patterned(found.data) as object), ...differing }
}

/** Everything that was recorded with this happening about the device of this number, for `toEqual`. */
export function allOf(trigger: string, number: string): { event: string; data: object }[] {
  const isAbout = ({ jid, chat }: { jid?: string; chat?: string }) =>
    jid === number || chat === `${number}@s.whatsapp.net`
  const found = all.filter(({ trigger: one, data }) => one === trigger && isAbout(data))
  if (found.length === 0) throw new Error(`nothing was recorded of ${number} with ${trigger}`)
  return found.map(({ event, data }) => ({ event, data: patterned(data) as object }))
}

/** All recorded data of an event, for `toEqual`. */
export function allRecorded(event: string): { trigger: string; data: object }[] {
  const found = all.filter((one) => one.event === event)
  return found.map(({ trigger, data }) => ({ trigger, data: patterned(data) as object }))
}

/** The names of all events that were recorded. */
export const recordedNames: ReadonlySet<string> = new Set(all.map(({ event }) => event))

function patterned(value: unknown): unknown {
  if (typeof value === 'string' && /^<.+>$/.test(value)) return PLACEHOLDERS[value] ?? expect.any(String)
  if (Array.isArray(value)) return value.map(patterned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, patterned(member)]))
}
