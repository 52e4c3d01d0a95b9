import { loadLibsignal } from './libsignal.ts'

interface Session {
  serialize(): object
  indexInfo: { used: number }
}

interface SessionCipher {
  doDecryptWhisperMessage(message: Uint8Array, session: Session): Promise<Buffer>
  decryptWithSessions(
    message: Uint8Array,
    sessions: Session[],
  ): Promise<{ session: Session; plaintext: Buffer }>
}

// libsignal has no types for these parts; the shapes are those of the pinned version.
const { prototype } = loadLibsignal('src/session_cipher.js').exports as { prototype: SessionCipher }
const { SessionError, MessageCounterError } = loadLibsignal('src/errors.js').exports as Record<
  'SessionError' | 'MessageCounterError',
  new (
    text: string,
  ) => Error
>

// libsignal advances each candidate session before it checks whether the message fits it, so a message for an older
// session destroyed the open one, in both directions. A candidate is tried on a copy, which replaces it on success.
prototype.decryptWithSessions = async function (message, sessions) {
  let reason: unknown
  for (const session of sessions) {
    const copy = copyOf(session)
    try {
      const plaintext = await this.doDecryptWhisperMessage(message, copy)
      copy.indexInfo.used = Date.now()
      // The record holds the candidate itself: it takes over the state of the copy, and loses what the copy lost.
      for (const key of Object.keys(session)) if (!(key in copy)) Reflect.deleteProperty(session, key)
      Object.assign(session, copy)
      return { session, plaintext }
    } catch (error) {
      // "Used already" comes only from the session the message belongs to; the others fail for any reason.
      if (reason === undefined || error instanceof MessageCounterError) reason = error
    }
  }
  throw reason ?? new SessionError('No sessions available')
}

function copyOf(session: Session): Session {
  // Sessions come from one unexported class, reachable through any of its instances.
  const entry = session.constructor as unknown as { deserialize(saved: object): Session }
  return entry.deserialize(session.serialize())
}
