import { highestPreKeyId, readKeys } from '../store/auth.ts'
import { findPlaintext } from '../store/inbox.ts'
import {
  type AuthenticationCreds,
  type AuthenticationState,
  BufferJSON,
  initAuthCreds,
  type SocketConfig,
  type WASocket,
} from './engine.ts'
import { type AuthDeps, KeyStore } from './key-store.ts'
import { MessageRepository } from './repository.ts'

/** The key store of one session, and the parts of a socket that must work together with it. */
export interface AuthState {
  state: AuthenticationState
  /** Stores the credentials as they are now; resolves when they, or newer ones, are committed. */
  saveCreds(): Promise<void>
  /** The write an answer to the server must not overtake: credentials and channel posts. Undefined when none waits. */
  pendingCreds(): Promise<void> | undefined
  /** Resolves when nothing of this session waits to be written. */
  flush(): Promise<void>
  /** Deletes all keys. Whatever the library still tries to write is refused. */
  erase(): Promise<void>
  /** Socket option: the Signal repository that keeps ratchets and messages in one commit. */
  makeSignalRepository: SocketConfig['makeSignalRepository']
  /** Must be called right after the socket was made, before its first message. */
  attach(socket: WASocket): void
}

/**
 * Opens the key store of a session; without stored credentials it starts with new ones, as before a pairing.
 * `onFailure` is called once when a write fails: memory is then ahead of the disk, every further write is refused, and
 * the session must be closed and opened anew from what is stored.
 */
export async function openAuthState(
  deps: AuthDeps,
  userId: string,
  onFailure: (error: unknown) => void = () => {},
): Promise<AuthState> {
  const stored = await readKeys(deps.db, deps.secrets, { userId, kind: 'creds', ids: [''] })
  const text = stored.get('')
  // The text was made from credentials by this class.
  const creds = text ? (JSON.parse(text, BufferJSON.reviver) as AuthenticationCreds) : initAuthCreds()
  skipUsedPreKeys(creds, await highestPreKeyId(deps.db, userId))
  const store = new KeyStore(deps, userId, creds, onFailure)
  const repository = new MessageRepository({
    userId,
    log: deps.log,
    record: (draft) => store.recordMessage(draft),
    find: (digest) => findPlaintext(deps.db, deps.secrets, { userId, digest }),
    // A failure to store it closes the session: the server delivers the message again.
    failed: (stanza) => deps.onUndecryptable?.(userId, stanza).catch(onFailure) ?? Promise.resolve(),
  })

  return {
    state: {
      creds,
      keys: { get: (kind, ids) => store.get(kind, ids), set: (keys) => store.set(keys) },
    },
    saveCreds: () => store.saveCreds(),
    pendingCreds: () => store.pendingAnswer(),
    flush: () => store.flush(),
    erase: () => store.erase(),
    makeSignalRepository: repository.make,
    attach: (socket) => repository.attach(socket),
  }
}

/**
 * Keys are committed before the credentials that count them. After a crash between the two, the next upload would
 * give new keys the numbers of keys the server has already handed out.
 */
function skipUsedPreKeys(creds: AuthenticationCreds, highest: number): void {
  if (creds.nextPreKeyId > highest) return
  creds.nextPreKeyId = highest + 1
  creds.firstUnuploadedPreKeyId = highest + 1
}
