import { chunked, insertChunked, type Queryable } from './database/database.ts'

/** A person as a session knows it; '' where nothing is known. */
export interface Contact {
  jid: string
  /** From the phone's address book. */
  firstName: string
  fullName: string
  /** What the person calls itself. */
  pushName: string
  /** The name WhatsApp has verified. */
  businessName: string
}

/** What the address book of an account says of somebody; '' for nothing. */
export type BookEntry = Pick<Contact, 'jid' | 'firstName' | 'fullName'>

interface ContactRow {
  user_id: string
  jid: string
  first_name: string
  full_name: string
  push_name: string
  business_name: string
}

const NAMES = ['first_name', 'full_name', 'push_name', 'business_name'] as const

/** Stores what is known of people, one entry per JID. A name that is '' leaves what was known before. */
export async function keepContacts(db: Queryable, userId: string, contacts: Contact[]): Promise<void> {
  const merged = Object.fromEntries(
    NAMES.map((name) => [name, db.raw(`coalesce(nullif(excluded.${name}, ''), contacts.${name})`)]),
  )
  const rows = contacts.map((contact) => toRow(userId, contact))
  await insertChunked(db, 'contacts', rows, (insert) => insert.onConflict(['user_id', 'jid']).merge(merged))
}

/** Stores what the address book says of people, one entry per JID. Here a name that is '' is a name that was taken away. */
export async function keepEntries(db: Queryable, userId: string, entries: BookEntry[]): Promise<void> {
  const isNamed = ({ firstName, fullName }: BookEntry) => firstName !== '' || fullName !== ''
  const rows = entries
    .filter(isNamed)
    .map((entry) => toRow(userId, { ...entry, pushName: '', businessName: '' }))
  await insertChunked(db, 'contacts', rows, (insert) =>
    insert.onConflict(['user_id', 'jid']).merge(['first_name', 'full_name']),
  )
  const removed = entries.filter((entry) => !isNamed(entry)).map(({ jid }) => jid)
  for (const some of chunked(removed)) {
    await db<ContactRow>('contacts')
      .where({ user_id: userId })
      .whereIn('jid', some)
      .update({ first_name: '', full_name: '' })
  }
}

/** A part of a long list. */
export interface Page {
  limit: number
  offset: number
}

/** Everybody a user's session knows, by JID; a part of them when asked for one. */
export async function listContacts(db: Queryable, userId: string, page?: Page): Promise<Contact[]> {
  const all = db<ContactRow>('contacts').where({ user_id: userId }).orderBy('jid')
  const rows = await (page ? all.limit(page.limit).offset(page.offset) : all)
  return rows.map(fromRow)
}

/** Those of these people whom a user's session knows, in no order. */
export async function findContacts(db: Queryable, userId: string, jids: string[]): Promise<Contact[]> {
  const contacts: Contact[] = []
  for (const some of chunked(jids)) {
    const rows = await db<ContactRow>('contacts').where({ user_id: userId }).whereIn('jid', some)
    contacts.push(...rows.map(fromRow))
  }
  return contacts
}

/** Forgets everybody a user's session knows. */
export async function forgetContacts(db: Queryable, userId: string): Promise<void> {
  await db('contacts').where({ user_id: userId }).delete()
}

function fromRow(row: ContactRow): Contact {
  return {
    jid: row.jid,
    firstName: row.first_name,
    fullName: row.full_name,
    pushName: row.push_name,
    businessName: row.business_name,
  }
}

function toRow(userId: string, contact: Contact): ContactRow {
  return {
    user_id: userId,
    jid: contact.jid,
    first_name: contact.firstName,
    full_name: contact.fullName,
    push_name: contact.pushName,
    business_name: contact.businessName,
  }
}
