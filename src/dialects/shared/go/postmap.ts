import type { Rendered } from '../../../delivery/renderer.ts'
import { sortedMembers } from './stringify.ts'

/** The JSON of an event: `event`, `type` and whatever else the type has, sorted as Go sorts the keys of a map. */
export function postmap(type: string, event: object | string, extras: object = {}): Rendered {
  return { name: type, payload: Object.fromEntries(sortedMembers({ ...extras, event, type })) }
}
