import { LRUCache } from 'lru-cache'
import type { RecordedEvent } from '../events/bus.ts'
import type { MessageEvent } from '../events/event.ts'
import type { Logger } from '../lib/logger.ts'
import { type Contact, forgetContacts, keepContacts } from '../store/contacts.ts'
import type { Database } from '../store/database.ts'
import type { Contact as LibraryContact, WASocket } from './engine.ts'
import { GatheredWrites } from './gathered-writes.ts'
import { bare, serverOf, unhosted } from './receive/address.ts'
import { outside } from './repairs.ts'

/** What is to be written about one user's contacts. */
interface Pending {
  /** Whatever was known before belongs to another account. */
  forget: boolean
  contacts: Map<string, Contact>
}

// Everybody writes with a name in every message; what was stored lately need not be stored again.
const REMEMBERED_NAMES = 20_000

/** Keeps the names of people as they pass by: in messages, in the phone's history and in its address book. */
export class ContactNames {
  readonly #db: Database
  readonly #log: Logger
  readonly #known = new LRUCache<string, string>({ max: REMEMBERED_NAMES })
  readonly #writes = new GatheredWrites<Pending>(nothing, (userId, pending) => this.#write(userId, pending))

  constructor(db: Database, log: Logger) {
    this.#db = db
    this.#log = log
  }

  /** Learns from what happened to a session; a new link means a new account with contacts of its own. */
  hear(userId: string, recorded: RecordedEvent[]): void {
    for (const { event } of recorded) {
      if (event.type === 'message') this.#learn(userId, namesIn(event))
      if (event.type === 'session.paired' || event.type === 'session.logout') this.#forget(userId)
    }
  }

  /** Learns from what the library reads in the phone's history and address book. */
  watch(userId: string, socket: WASocket): void {
    const learn = (contacts: LibraryContact[]) => outside(() => this.#learn(userId, contacts.flatMap(known)))
    socket.ev.on('messaging-history.set', ({ contacts }) => learn(contacts))
    socket.ev.on('contacts.upsert', learn)
  }

  /** Resolves when everything learnt so far is stored. */
  settled(): Promise<void> {
    return this.#writes.settled()
  }

  #learn(userId: string, contacts: Contact[]): void {
    const news = contacts.filter((contact) => this.#isNew(userId, contact))
    if (news.length === 0) return
    this.#writes.add(userId, ({ contacts }) => {
      for (const contact of news) contacts.set(contact.jid, merged(contacts.get(contact.jid), contact))
    })
  }

  #forget(userId: string): void {
    this.#forgetKnown(userId)
    this.#writes.replace(userId, { ...nothing(), forget: true })
  }

  #forgetKnown(userId: string): void {
    for (const key of this.#known.keys()) if (key.startsWith(`${userId}/`)) this.#known.delete(key)
  }

  #isNew(userId: string, { jid, ...names }: Contact): boolean {
    if (!['s.whatsapp.net', 'lid'].includes(serverOf(jid))) return false
    const key = `${userId}/${jid}`
    const text = Object.values(names).join('\0')
    if (text === '\0\0\0' || this.#known.get(key) === text) return false
    this.#known.set(key, text)
    return true
  }

  async #write(userId: string, { forget, contacts }: Pending): Promise<void> {
    try {
      if (forget) await forgetContacts(this.#db, userId)
      await keepContacts(this.#db, userId, [...contacts.values()])
    } catch (error) {
      // Names come again with the next message; nothing else may fail because one could not be kept.
      this.#forgetKnown(userId)
      this.#log.warn({ err: error, session: userId }, 'could not keep the names of contacts')
    }
  }
}

function nothing(): Pending {
  return { forget: false, contacts: new Map() }
}

/** Who a message says its author is, under both addresses. '-' stands for a name that is not told. */
function namesIn({ sender, senderAlt, pushName, verifiedName }: MessageEvent): Contact[] {
  const name = verifiedName?.details.verifiedName
  const names = {
    ...nameless,
    pushName: pushName === '-' ? '' : pushName,
    businessName: typeof name === 'string' ? name : '',
  }
  return [sender, senderAlt].filter((jid) => jid !== '').map((jid) => ({ jid: person(jid), ...names }))
}

function known({ id, name, notify, verifiedName }: LibraryContact): Contact[] {
  if (!id) return []
  const names = { fullName: name ?? '', pushName: notify ?? '', businessName: verifiedName ?? '' }
  return [{ jid: person(id), ...nameless, ...names }]
}

const nameless = { firstName: '', fullName: '', pushName: '', businessName: '' }

function person(jid: string): string {
  return unhosted(bare(jid))
}

function merged(before: Contact | undefined, now: Contact): Contact {
  if (!before) return now
  return {
    jid: now.jid,
    firstName: now.firstName || before.firstName,
    fullName: now.fullName || before.fullName,
    pushName: now.pushName || before.pushName,
    businessName: now.businessName || before.businessName,
  }
}
