import type { RecordedBatch, RecordedEvent } from '../../events/bus.ts'
import type { Event, MessageEvent } from '../../events/event.ts'
import { objectAt, textAt } from '../../events/unwrap.ts'
import { Batcher } from '../../lib/flow/batcher.ts'
import { BoundedCache } from '../../lib/flow/bounded-cache.ts'
import { bare, serverOf, unhosted } from '../../lib/jid.ts'
import type { Logger } from '../../lib/process/logger.ts'
import {
  type BookEntry,
  type Contact,
  findContacts,
  forgetContacts,
  keepContacts,
  keepEntries,
} from '../../store/contacts.ts'
import { type Database, judgeWrite, lockPresent, type Transaction } from '../../store/database/database.ts'
import { storable } from '../../store/database/storable.ts'
import type { Contact as LibraryContact, WASocket } from '../library/engine.ts'
import { runInRootContext } from '../library/patches/index.ts'

/**
 * Something learnt about a user's contacts: a name, what the address book says of somebody, or that whatever was known
 * before belongs to another account.
 */
type Note = { userId: string } & (
  | { contact: Contact; author?: Author }
  | { entry: BookEntry }
  | { forget: true }
)

/** Whose message told a name, under both addresses; '' for one that is not known. */
interface Author {
  jid: string
  alias: string
}

/** Stores events of users in a transaction of the caller. */
type Tell = (trx: Transaction, batches: RecordedBatch[]) => Promise<void>

/** What several notes about one user come to. */
interface Pending {
  forget: boolean
  contacts: Map<string, Contact>
  entries: Map<string, BookEntry>
  /** The authors of messages among them, by their JID. */
  authors: Map<string, Author>
}

// Everybody writes with a name in every message; what was stored lately need not be stored again.
const REMEMBERED_NAMES = 20_000
// The first synchronisation of an account tells of thousands of people one by one.
const MOST_AT_ONCE = 1_000

/** Keeps the names of people as they pass by: in messages, in the phone's history and in its address book. */
export class ContactNames {
  readonly #known = new BoundedCache<string, string>({ max: REMEMBERED_NAMES })
  readonly #notes: Batcher<Note>

  /** `tell` stores what messages told anew, together with the names. */
  constructor(db: Database, log: Logger, tell: Tell) {
    this.#notes = new Batcher({
      write: (notes) => write(db, notes, tell),
      judge: judgeWrite,
      maxSize: MOST_AT_ONCE,
      onLost: (notes, error) => {
        // Names come again with the next message.
        for (const userId of new Set(notes.map((note) => note.userId))) this.#forgetKnown(userId)
        log.warn({ err: error }, 'could not keep the names of contacts')
      },
    })
  }

  /** Learns from what happened to a session; a new link means a new account with contacts of its own. */
  hear(userId: string, recorded: RecordedEvent[]): void {
    for (const { event } of recorded) {
      if (event.type === 'message') this.#learn(userId, namesIn(event), authorOf(event))
      for (const entry of entriesIn(event)) this.#notes.put({ userId, entry })
      if (event.type === 'session.paired' || event.type === 'session.logout') this.#forget(userId)
    }
  }

  /** Learns from what the library reads in the phone's history and address book. */
  watch(userId: string, socket: WASocket): void {
    const learn = (contacts: LibraryContact[]) =>
      runInRootContext(() => this.#learn(userId, contacts.flatMap(known)))
    socket.ev.on('messaging-history.set', ({ contacts }) => learn(contacts))
    // The library may hand on the name of an entry after the entry was taken out; the shared state tells both in order.
    socket.ev.on('contacts.upsert', (contacts) => learn(contacts.map((one) => ({ ...one, name: undefined }))))
  }

  /** Resolves when everything learnt so far is stored. */
  settled(): Promise<void> {
    return this.#notes.idle()
  }

  #learn(userId: string, contacts: Contact[], author?: Author): void {
    for (const contact of contacts)
      if (this.#isNew(userId, contact)) this.#notes.put({ userId, contact, ...(author && { author }) })
  }

  #forget(userId: string): void {
    this.#forgetKnown(userId)
    this.#notes.put({ userId, forget: true })
  }

  #forgetKnown(userId: string): void {
    for (const key of this.#known.keys()) if (key.startsWith(`${userId}/`)) this.#known.delete(key)
  }

  #isNew(userId: string, { jid, ...names }: Contact): boolean {
    if (!isPerson(jid)) return false
    const key = `${userId}/${jid}`
    const text = Object.values(names).join('\0')
    if (text === '\0\0\0' || this.#known.get(key) === text) return false
    this.#known.set(key, text)
    return true
  }
}

function write(db: Database, notes: Note[], tell: Tell): Promise<void> {
  const pending = byUser(notes)
  return db.transaction(async (trx) => {
    const present = await lockPresent(trx, { table: 'users', column: 'id' }, [...pending.keys()])
    const batches: RecordedBatch[] = []
    for (const [userId, { forget, contacts, entries, authors }] of pending) {
      if (!present.has(userId)) continue
      if (forget) await forgetContacts(trx, userId)
      const news = await newNames(trx, userId, { contacts, authors })
      await keepContacts(trx, userId, [...contacts.values()])
      await keepEntries(trx, userId, [...entries.values()])
      if (news.length > 0) batches.push({ userId, events: news })
    }
    // Together, so that their lanes are locked in the order of all recorders.
    if (batches.length > 0) await tell(trx, batches)
  })
}

/** What the authors of messages are called now and were not before. */
async function newNames(
  trx: Transaction,
  userId: string,
  { contacts, authors }: Pick<Pending, 'contacts' | 'authors'>,
): Promise<Event[]> {
  if (authors.size === 0) return []
  const known = new Map(
    (await findContacts(trx, userId, [...authors.keys()])).map((contact) => [contact.jid, contact]),
  )
  return [...authors.values()].flatMap(({ jid, alias }) => {
    const [before, now] = [known.get(jid) ?? nameless, contacts.get(jid) ?? nameless]
    const change = { type: 'contact.name' as const, chat: jid, jid, alias }
    const names = [
      { kind: 'push' as const, before: before.pushName, name: now.pushName },
      { kind: 'business' as const, before: before.businessName, name: now.businessName },
    ]
    return names
      .filter(({ name, before }) => name !== '' && storable(name) !== before)
      .map((one) => ({ ...change, ...one }))
  })
}

function byUser(notes: Note[]): Map<string, Pending> {
  const pending = new Map<string, Pending>()
  for (const note of notes) {
    const before = pending.get(note.userId)
    const now = before && !('forget' in note) ? before : nothingYet('forget' in note)
    pending.set(note.userId, now)
    if ('entry' in note) now.entries.set(note.entry.jid, note.entry)
    if ('contact' in note) {
      now.contacts.set(note.contact.jid, merged(now.contacts.get(note.contact.jid), note.contact))
      if (note.author?.jid === note.contact.jid) now.authors.set(note.author.jid, note.author)
    }
  }
  return pending
}

function nothingYet(forget: boolean): Pending {
  return { forget, contacts: new Map(), entries: new Map(), authors: new Map() }
}

/** What a change of the shared state says of the address book: one entry, or nothing. The library tells no first names. */
function entriesIn(event: Event): BookEntry[] {
  if (event.type !== 'appstate.change') return []
  const [kind, jid = ''] = event.index.map(storable)
  if (kind !== 'contact' || !isPerson(jid)) return []
  const contact = objectAt(event.action, 'contactAction')
  return [
    { jid: person(jid), firstName: textAt(contact, 'firstName'), fullName: textAt(contact, 'fullName') },
  ]
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

function authorOf({ sender, senderAlt }: MessageEvent): Author {
  return { jid: person(sender), alias: senderAlt === '' ? '' : person(senderAlt) }
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

function isPerson(jid: string): boolean {
  return ['s.whatsapp.net', 'lid'].includes(serverOf(jid))
}
