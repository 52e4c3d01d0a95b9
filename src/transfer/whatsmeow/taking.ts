import type { Note } from '../device.ts'
import { UnreadableRow } from '../signal/go-json.ts'

/** What a conversion gives, or nothing and a note of why: one row that is damaged must not keep the others back. */
export function takenOrNoted<Result>(
  note: Note,
  { what, whose }: { what: string; whose: string },
  take: () => Result,
): Result | undefined {
  try {
    return take()
  } catch (error) {
    noteUnreadable(note, { what, whose }, error)
    return undefined
  }
}

/** The same for what has to be read first. */
export async function readOrNoted<Result>(
  note: Note,
  about: { what: string; whose: string },
  read: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await read()
  } catch (error) {
    noteUnreadable(note, about, error)
    return undefined
  }
}

function noteUnreadable(note: Note, about: { what: string; whose: string }, error: unknown): void {
  if (!(error instanceof UnreadableRow)) throw error
  note({ ...about, why: error.message })
}
