import { ApiError } from '../../lib/errors.ts'
import type { Position } from '../../store/messages/chat-pages.ts'

/** A position as a text that callers give back. */
export function cursorOf({ at, id }: Position): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url')
}

/** The position that a caller gives back; undefined for none. Throws `invalid_field` for what was never given. */
export function positionIn(cursor: string | undefined, name = 'before'): Position | undefined {
  if (cursor === undefined) return undefined
  try {
    const [at, id]: unknown[] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (typeof at === 'number' && Number.isSafeInteger(at) && typeof id === 'string') return { at, id }
  } catch {
    // What cannot be read was never given, see below.
  }
  throw new ApiError('invalid_field', { text: `${name} must be what an answer gave` })
}

/** Compares positions, for lists that begin with the newest. */
export function newestFirst(one: Position, other: Position): number {
  if (one.at !== other.at) return other.at - one.at
  if (one.id === other.id) return 0
  return one.id < other.id ? 1 : -1
}
