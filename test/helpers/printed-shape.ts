import { expect } from 'vitest'

/** Replies are looked into freely. */
type Json = ReturnType<typeof JSON.parse>

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/

/**
 * What fits a printed reply: all its members, of the same kinds; the same sentences, and times with the zone's offset.
 * Members that came later are allowed. `actual` only tells the names in objects that are keyed by JID.
 */
export function printedShape(printed: Json, actual: Json, offset: string): unknown {
  return shapeOf(printed, actual, { time: expect.stringMatching(new RegExp(`${TIME.source}(${offset}|Z)$`)) })
}

function shapeOf(printed: Json, actual: Json, context: { name?: string; time: unknown }): unknown {
  const { name = '', time } = context
  if (printed === null) return null
  if (Array.isArray(printed)) {
    const all = Array.isArray(actual) ? actual : []
    return printed.length === 0 || all.length === 0
      ? expect.any(Array)
      : all.map((one, index) => shapeOf(printed[index] ?? printed[0], one, { time }))
  }
  if (typeof printed === 'object') {
    const [key = ''] = Object.keys(printed)
    const named = key.includes('@') ? byJid(printed, actual) : printed
    return expect.objectContaining(
      Object.fromEntries(
        Object.entries(named).map(([member, one]) => [
          member,
          shapeOf(one, actual?.[member], { name: member, time }),
        ]),
      ),
    )
  }
  if (typeof printed !== 'string') return expect.any(printed.constructor)
  if (/^(details|error)$/i.test(name)) return printed
  return TIME.test(printed) ? time : expect.any(String)
}

function byJid(printed: Json, actual: Json): object {
  const names = Object.keys(actual ?? {})
  expect(names.length).toBeGreaterThan(0)
  return Object.fromEntries(names.map((jid) => [jid, printed[jid] ?? Object.values(printed)[0]]))
}
