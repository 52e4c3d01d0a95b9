import { ApiError } from '../lib/errors.ts'
import { errorCode, InstallationError } from '../lib/process/installation-error.ts'
import type { Secrets } from '../lib/secrets/secrets.ts'
import { keepContacts } from '../store/contacts.ts'
import type { Database, Transaction } from '../store/database/database.ts'
import { insertNumberedWebhook, putWebhook } from '../store/delivery/webhooks.ts'
import { writeKeys } from '../store/keys/auth.ts'
import { keepChatSettings } from '../store/messages/chat-settings.ts'
import { addHistory } from '../store/messages/history.ts'
import { keepMessageSecrets } from '../store/messages/message-secrets.ts'
import { keepMessages } from '../store/messages/messages.ts'
import { isExported } from '../store/users/exports.ts'
import { insertImport } from '../store/users/imports.ts'
import {
  findUserByDevice,
  findUserByToken,
  getUserAnew,
  insertUser,
  type User,
} from '../store/users/users.ts'
import type { KeyKind } from '../whatsapp/keys/key-text.ts'
import { BufferJSON } from '../whatsapp/library/engine.ts'
import type { SourceAccount, SourceWebhook } from './account.ts'
import { deviceOfCustomer } from './customers.ts'
import type { SourceDevice } from './device.ts'
import { type AccountReport, Tally } from './report.ts'

interface Target {
  db: Database
  secrets: Secrets
}

interface Writing {
  /** Undefined in a trial: everything is read and converted, and nothing is written. */
  place: { trx: Transaction; secrets: Secrets } | undefined
  userId: string
  tally: Tally
}

const MAX_NAME = 1_000
const MAX_TOKEN = 4_096

const KIND_NAMES: Partial<Record<KeyKind, string>> = {
  session: 'sessions',
  'sender-key': 'sender keys',
  'pre-key': 'pre-keys',
  'identity-key': 'identities',
  'lid-mapping': 'LID pairs',
  'app-state-sync-key': 'keys of shared settings',
  'app-state-sync-version': 'collections of shared settings',
  tctoken: 'privacy tokens',
  'device-list': 'device lists',
}

/** How an account is to be taken over. */
export interface ImportOrder {
  /** What it comes from. */
  source: string
  /** Reads and converts the same, and writes nothing. */
  isTrial: boolean
  /** Whether it connects by itself where it did so before. */
  connects: boolean
}

/**
 * Takes one account over, in one transaction: all of it or nothing. A trial needs no `target`. A user whose device cannot log
 * in comes without it; one that cannot be stored is refused, with the reason. Rejects when the database fails.
 */
export async function importAccount(
  target: Target | undefined,
  account: SourceAccount,
  { source, isTrial, connects }: ImportOrder,
): Promise<AccountReport> {
  const tally = new Tally()
  for (const dropped of account.notes) tally.note(dropped)
  const { id, name } = account.user
  const report = { id, name, device: account.device, reason: '' }
  const refusal = unfit(account.user)
  if (refusal) return { ...report, outcome: 'refused', reason: refusal, taken: {}, dropped: tally.dropped }
  const isTaken = target && (await takenBy(target, account))
  if (isTaken) return { ...report, outcome: 'present', reason: isTaken, taken: {}, dropped: tally.dropped }

  const { device, reason } = await openDevice(account)
  const user = device ? { ...account.user, wanted: account.user.wanted && connects } : unlinked(account.user)
  const found = { ...report, device: device?.jid ?? '', reason }
  if (isTrial || !target) {
    await take({ place: undefined, userId: id, tally }, { account, user, device })
    return { ...found, outcome: 'ready', taken: tally.taken, dropped: tally.dropped }
  }
  const { db, secrets } = target
  const belonging = await deviceOfCustomer(target, account, tally.note)
  try {
    await db.transaction(async (trx) => {
      const place = { trx, secrets }
      await take({ place, userId: id, tally }, { account, user: { ...user, ...belonging }, device })
      const { taken, dropped } = tally
      await insertImport(trx, secrets, {
        userId: id,
        source,
        device: found.device,
        report: { reason, taken, dropped },
        extra: device?.extra ?? {},
      })
    })
  } catch (error) {
    const why = unstorable(error)
    if (!why) throw error
    return { ...report, outcome: 'refused', reason: why, taken: {}, dropped: tally.dropped }
  }
  return { ...found, outcome: 'imported', taken: tally.taken, dropped: tally.dropped }
}

/** Why a user cannot come; '' when it can. Ids stand in paths, and everything else in headers. */
function unfit({ id, name, token }: User): string {
  if (!/^[\w-]{1,64}$/.test(id)) return 'its id is none that could stand in an address'
  if (name.length > MAX_NAME || name.includes('\0')) return 'its name is too long, or holds a NUL character'
  if (token.length > MAX_TOKEN || token.includes('\0'))
    return 'its token is too long, or holds a NUL character'
  return ''
}

/** Why a row could not be stored, in words; '' for failures of the database itself. */
function unstorable(error: unknown): string {
  if (error instanceof ApiError) return error.message
  const code = errorCode(error) ?? ''
  // PostgreSQL's classes "data exception" and "integrity constraint violation".
  return code === 'SQLITE_CONSTRAINT' || /^2[23]...$/.test(code) ? 'a value of it cannot be stored here' : ''
}

async function takenBy({ db, secrets }: Target, { user, device }: SourceAccount): Promise<string> {
  if (await getUserAnew(db, secrets, user.id)) {
    const isAway = await isExported(db, user.id)
    return isAway
      ? 'a user with this id is here already; it was exported, so its keys are old: delete it here first'
      : 'a user with this id is here already'
  }
  if (await findUserByToken(db, secrets, user.token)) return 'a user with this token is here already'
  const holder = device === '' ? undefined : await findUserByDevice(db, device)
  return holder === undefined ? '' : `its phone is linked to the user ${holder} here`
}

async function openDevice(
  account: SourceAccount,
): Promise<{ device: SourceDevice | undefined; reason: string }> {
  if (account.device === '') return { device: undefined, reason: '' }
  try {
    return { device: await account.readDevice(), reason: '' }
  } catch (error) {
    if (!(error instanceof InstallationError)) throw error
    return { device: undefined, reason: `without its phone, which has to be linked anew: ${error.message}` }
  }
}

function unlinked(user: User): User {
  return { ...user, jid: '', lastJid: '', wanted: false }
}

async function take(
  writing: Writing,
  { account, user, device }: { account: SourceAccount; user: User; device: SourceDevice | undefined },
): Promise<void> {
  const { place, userId, tally } = writing
  if (place) {
    const { trx, secrets } = place
    await insertUser(trx, secrets, user)
    for (const webhook of account.webhooks) await takeWebhook(trx, { secrets, userId, webhook })
  }
  tally.add('webhooks', account.webhooks.length)
  if (device) await takeDevice(writing, device)
  for await (const entries of account.history(tally.note)) {
    if (place) await addHistory(place.trx, entries)
    tally.add('history entries', entries.length)
  }
}

async function takeWebhook(
  trx: Transaction,
  { secrets, userId, webhook }: { secrets: Secrets; userId: string; webhook: SourceWebhook },
): Promise<void> {
  const { target, patch, isNumbered } = webhook
  if (!isNumbered) return putWebhook(trx, secrets, { target, userId, patch })
  await insertNumberedWebhook(trx, secrets, { slot: target, userId, patch, most: Number.MAX_SAFE_INTEGER })
}

async function takeDevice({ place, userId, tally }: Writing, device: SourceDevice): Promise<void> {
  const creds = { userId, kind: 'creds', id: '', text: JSON.stringify(device.creds, BufferJSON.replacer) }
  if (place) await writeKeys(place.trx, place.secrets, [creds])
  for await (const keys of device.keys(tally.note)) {
    if (place)
      await writeKeys(
        place.trx,
        place.secrets,
        keys.map((key) => ({ userId, ...key })),
      )
    for (const { kind } of keys) tally.add(KIND_NAMES[kind] ?? kind, 1)
  }
  for await (const contacts of device.contacts()) {
    if (place) await keepContacts(place.trx, userId, contacts)
    tally.add('contacts', contacts.length)
  }
  for await (const settings of device.chats()) {
    if (place) await keepChatSettings(place.trx, userId, settings)
    tally.add('settings of chats', settings.length)
  }
  for await (const known of device.messageSecrets(tally.note)) {
    if (place) await keepMessageSecrets(place.trx, place.secrets, { userId, known })
    tally.add('message secrets', known.length)
  }
  for await (const messages of device.resends(tally.note)) {
    const sent = messages.map(({ chat, id, proto, at }) => ({
      userId,
      chat,
      id,
      fromMe: true,
      sender: device.jid,
      at,
      proto,
      status: 'sent' as const,
    }))
    if (place) await keepMessages(place.trx, sent)
    tally.add('messages that may be asked for again', sent.length)
  }
}
