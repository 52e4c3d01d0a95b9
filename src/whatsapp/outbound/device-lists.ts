import type { CacheView, SharedCaches } from '../library/caches.ts'
import { type BinaryNode, isJidGroup, type WASocket } from '../library/engine.ts'
import { userPart } from '../wire/jid.ts'
import { child, children } from '../wire/node.ts'
import { answered } from './answered.ts'

/**
 * Forgets the device lists that WhatsApp says have changed and that the library would use for as long as they are cached:
 * it does not read the list of the account's own devices in `account_sync`, and of a contact's device only the one address
 * in `jid`, while the list of a chat addressed otherwise stays as it was. Whatever device is missing gets no messages.
 */
export function forgetChangedDevices(socket: WASocket, lists: Pick<CacheView, 'mdel'>): void {
  const forget = (jids: (string | undefined)[]) => void lists.mdel(jids.map(userPart).filter(Boolean))

  socket.ws.on('CB:notification,type:account_sync', (stanza: BinaryNode) => {
    const { me } = socket.authState.creds
    if (child(stanza, 'devices')) forget([me?.id, me?.lid])
  })
  socket.ws.on('CB:notification,type:devices', (stanza: BinaryNode) => {
    const devices = children(stanza).flatMap(children)
    forget([stanza.attrs.lid, ...devices.map(({ attrs }) => attrs.lid)])
  })
}

/** The keys of a large group take their time to be worked in. */
const KEYS_MS = 15_000

/** Whom a message is encrypted for. */
export interface Recipients {
  /** The chat, as its stanza names it. */
  to: string
  /** Everybody whose devices get a copy, the account itself included; JIDs without device. */
  people: string[]
}

/** The questions of a connection that are not answered yet, by chat and people. */
const asking = new WeakMap<WASocket, Map<string, Promise<void>>>()

/**
 * Asks for what the library would ask for while it encrypts: the devices of people, and keys of devices that are new. It
 * does so with a lock of the whole account in its hands, which all other chats wait for. Throws `upstream_timeout` when
 * there is no answer, and as `toApiError` says when WhatsApp refuses; nothing of the message has left then.
 */
export async function learnDevices(
  socket: WASocket,
  { to, people }: Recipients,
  { caches, userId }: { caches: SharedCaches; userId: string },
): Promise<void> {
  const unknown = people.filter((jid) => !caches.devicesOf(userId, userPart(jid)))
  if (unknown.length === 0) return

  const questions = asking.get(socket) ?? new Map<string, Promise<void>>()
  asking.set(socket, questions)
  const name = [to, ...unknown].join(' ')
  const question = questions.get(name) ?? askFor(socket, { to, people: unknown }, { caches, userId })
  questions.set(name, question)
  await question.finally(() => questions.delete(name))
}

async function askFor(
  socket: WASocket,
  { to, people }: Recipients,
  { caches, userId }: { caches: SharedCaches; userId: string },
): Promise<void> {
  const devices = await answered('device list', socket.getUSyncDevices(people, true, false))
  const asked = new Set(people.map(userPart))
  const found = new Set(devices.map(({ user }) => user))
  // The devices of a number that WhatsApp writes otherwise are told under that other number.
  if ([...found].every((user) => asked.has(user))) {
    const without = [...asked].filter((user) => !found.has(user))
    caches.noteWithoutDevices(userId, without)
  }
  const served = await servedBefore(socket, to)
  const unserved = devices.map(({ jid }) => jid).filter((jid) => !served.has(jid))
  try {
    await answered('keys', socket.assertSessions(unserved), KEYS_MS)
  } catch (error) {
    // Else the next message would know its devices, and leave their keys to the library.
    await caches.forSession(userId).userDevicesCache.mdel([...asked])
    throw error
  }
}

/** The devices that need no session for a message: those that have the key of the group, and the one that sends. */
async function servedBefore({ authState }: WASocket, to: string): Promise<Set<string>> {
  const { me } = authState.creds
  if (!isJidGroup(to)) return new Set([me?.id ?? '', me?.lid ?? ''])
  const { [to]: served = {} } = await authState.keys.get('sender-key-memory', [to])
  return new Set(Object.keys(served).filter((jid) => served[jid]))
}
