import { highestPreKeyId, readKeys } from '../../store/keys/auth.ts'
import { findPlaintext } from '../../store/messages/inbox.ts'
import {
  type AuthenticationCreds,
  type AuthenticationState,
  type BinaryNode,
  BufferJSON,
  initAuthCreds,
  type SocketConfig,
} from '../library/engine.ts'
import { runInRootContext } from '../library/patches/index.ts'
import { SharedVersions } from './app-state-versions.ts'
import { type AuthDeps, KeyStore } from './key-store.ts'
import { MessageRepository } from './signal-repository.ts'
import { keepUsedPreKeys } from './used-pre-keys.ts'

/** The key store of one session, and the parts of a socket that must work together with it. */
export interface AuthState {
  state: AuthenticationState
  /** Stores the credentials as they are now; resolves when they, or newer ones, are committed. */
  saveCreds(): Promise<void>
  /**
   * The write an answer to the server must not overtake: credentials, channel posts, versions of shared settings.
   * Undefined when none waits.
   */
  pendingAnswer(): Promise<void> | undefined
  /** Refuses every later write and every answer to the server, and calls `onFailure`; what was asked is asked again. */
  fail(error: unknown): undefined
  /** Resolves when nothing of this session waits to be written. */
  flush(): Promise<void>
  /** Deletes all keys. Whatever the library still tries to write is refused. */
  erase(): Promise<void>
  /** Refuses every later write, because another node may own the session. */
  abandon(): void
  /** Socket option: the Signal repository that keeps ratchets and messages in one commit. */
  makeSignalRepository: SocketConfig['makeSignalRepository']
  /** Must be told every `<message>` before the library decrypts it: what is decrypted is stored under its stanza. */
  noteOrigin(stanza: BinaryNode): void
}

/** What the key store of a session asks the session. */
export interface AuthHooks {
  /**
   * Called once when the database fails: from then on every write and every answer to the server is refused, and the
   * session must be closed and opened anew from what is stored.
   */
  onFailed?(error: unknown): void
  /** Resolves when every change of shared settings that was told so far is stored; rejects when one could not be. */
  changesTold?(): Promise<void>
}

/** Opens the key store of a session; without stored credentials it starts with new ones, as before a pairing. */
export async function openAuthState(
  deps: AuthDeps,
  userId: string,
  { onFailed = () => {}, changesTold = async () => {} }: AuthHooks = {},
): Promise<AuthState> {
  const stored = await readKeys(deps.db, deps.secrets, { userId, kind: 'creds', ids: [''] })
  const text = stored.get('')
  // The text was made from credentials by this class.
  const creds = text ? (JSON.parse(text, BufferJSON.reviver) as AuthenticationCreds) : initAuthCreds()
  skipUsedPreKeys(creds, await highestPreKeyId(deps.db, userId))
  const store = new KeyStore(deps, userId, creds, onFailed)
  const fail = (error: unknown): undefined => void store.fail(error)
  const versions = new SharedVersions({
    store: keepUsedPreKeys({
      get: (kind, ids) => store.get(kind, ids),
      set: (keys) => store.set(keys),
      usedPreKeys: async () => (await store.get('used-pre-keys', ['']))[''] ?? [],
    }),
    told: changesTold,
    failed: fail,
  })
  const repository = new MessageRepository({
    userId,
    log: deps.log,
    pairs: store.pairs,
    sessions: {
      get: async (address) => (await store.get('session', [address]))[address],
      set: (keys) => store.set(keys),
    },
    record: (draft) => store.recordMessage(draft),
    find: (digest) => findPlaintext(deps.db, deps.secrets, { userId, digest }).catch(fail),
    me: () => creds.me,
    shared: (newest) => {
      creds.myAppStateKeyId = newest
      // A failure closes the store, and the message is offered again.
      store.saveCreds().catch(() => {})
    },
    failed: async (stanza) => {
      // A message that could not be looked up is not a broken one: the server delivers it again.
      if (store.hasFailed) return
      await deps.onUndecryptable?.(userId, stanza).catch(fail)
    },
  })

  return {
    state: {
      creds,
      keys: versions.keys,
    },
    saveCreds: () => store.saveCreds(),
    pendingAnswer: () => versions.pending?.then(() => store.pendingAnswer()) ?? store.pendingAnswer(),
    fail,
    async flush() {
      await versions.pending
      await store.flush()
    },
    erase: () => store.erase(),
    abandon: () => store.abandon(),
    makeSignalRepository: repository.make,
    noteOrigin: (stanza) => runInRootContext(() => repository.noteOrigin(stanza)),
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
