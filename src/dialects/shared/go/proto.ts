import type { Json, ProtoJson } from '../../../events/event-parts.ts'
import { isObject } from '../../../events/unwrap.ts'
import { goFieldName, goName } from './names.ts'

/** A 64-bit integer beyond 2^53. The dialect's writer prints all its digits, `JSON.stringify` the nearest number. */
export class GoInteger {
  readonly digits: string

  constructor(digits: string) {
    this.digits = digits
  }

  toJSON(): number {
    return Number(this.digits)
  }
}

/** What an encoder finds in a payload. */
export type GoValue = string | number | boolean | null | GoInteger | GoValue[] | { [key: string]: GoValue }

/**
 * A protobuf message as Go's plain `encoding/json` prints the generated struct: Go's field names, and each oneof as
 * one more member, null when unset, else an object with the chosen member.
 */
export function goProto(message: ProtoJson): { [key: string]: GoValue } {
  const { $oneofs, ...fields } = message
  const printed: { [key: string]: GoValue } = {}
  const chosen = new Set<string>()
  for (const [oneof, member] of Object.entries(isObject($oneofs) ? $oneofs : {})) {
    const content = typeof member === 'string' ? fields[member] : undefined
    if (typeof member !== 'string' || content === undefined) {
      printed[goFieldName(oneof)] = null
      continue
    }
    chosen.add(member)
    printed[goFieldName(oneof)] = { [goFieldName(member)]: goValue(content) }
  }
  for (const [field, value] of Object.entries(fields)) {
    if (!chosen.has(field)) printed[goName(field)] = goValue(value)
  }
  return printed
}

function goValue(value: Json): GoValue {
  if (Array.isArray(value)) return value.map(goValue)
  if (!isObject(value)) return value
  return typeof value.$int === 'string' ? new GoInteger(value.$int) : goProto(value)
}
