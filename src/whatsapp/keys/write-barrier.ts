import type { WASocket } from '../library/engine.ts'
import { rawSocketOf, type SendFrame } from '../library/raw-socket.ts'

/**
 * Keeps frames back while credentials wait to be stored.
 * The library answers the pairing and uploads pre-keys right after it *announces* new credentials; a crash between
 * that answer and the write would leave a phone linked to keys nobody has. Order of frames is kept, and once a frame
 * was refused all that follow are: the other side could not read them without it.
 * `pending` returns the write in progress, or undefined when everything is on disk.
 */
export function holdFramesUntilStored(socket: WASocket, pending: () => Promise<void> | undefined): void {
  const raw = rawSocketOf(socket)
  if (!raw) return
  const send: SendFrame = raw.send.bind(raw)
  let queue: Promise<void> | undefined
  let refusal: Error | undefined

  raw.send = (data, callback) => {
    // What is pending is asked again when the turn comes: more may have begun, or failed, since.
    const waitFor = queue ? queue.then(pending) : pending()
    if (!waitFor && !refusal) {
      send(data, callback)
      return
    }
    const refuse = (error: Error) => {
      refusal ??= error
      callback?.(refusal)
    }
    const turn = Promise.resolve(waitFor).then(
      () => (refusal ? refuse(refusal) : send(data, callback)),
      refuse,
    )
    queue = turn
    void turn.then(() => {
      if (queue === turn) queue = undefined
    })
  }
}
