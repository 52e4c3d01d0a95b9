import type { Call } from '../../whatsapp/calls/calls.ts'
import type { UserScope } from '../services.ts'
import { requireSound } from './own-calls.ts'

/** How a call reaches a program that talks and listens by messages of samples. */
export interface LineEnd {
  send(message: Buffer): void
  /** The call lets the program go; '' as reason where another program has taken its place. */
  onClosed(reason: string): void
  /** What the program has sent cannot be taken; the line is closed then. */
  onFault(fault: { code: 'unacceptable' | 'too-much'; reason: string }): void
}

/** The end of a line for what a program says. */
export interface ProgramLine {
  /** Takes a message. Never throws. */
  hear(message: Buffer): void
  close(): void
}

/**
 * Lets a program talk and listen in a call, in place of one that did.
 * @throws ApiError `not_found`, `conflict` when the call is over.
 */
export async function openCallLine(scope: UserScope, id: string, end: LineEnd): Promise<ProgramLine> {
  const { calls, media } = await requireSound(scope, id)
  let isLetGo = false
  const line = await media.attachLine({
    send: (message) => end.send(message),
    onClosed() {
      // The state of a call may be known a moment after its sound ends.
      if (!isLetGo) setImmediate(() => end.onClosed(reasonOf(calls.find(id))))
      isLetGo = true
    },
  })
  function letGo(): void {
    isLetGo = true
    line.close()
  }
  return {
    hear(message) {
      const fault = line.hear(message)
      if (fault === undefined) return
      letGo()
      end.onFault(fault)
    },
    close: letGo,
  }
}

/** Whether a program could be let in. Throws as `openCallLine`. */
export async function requireLine(scope: UserScope, id: string): Promise<void> {
  await requireSound(scope, id)
}

function reasonOf(call: Call | undefined): string {
  if (call !== undefined && call.state !== 'ended') return ''
  return call?.reason || 'ended'
}
