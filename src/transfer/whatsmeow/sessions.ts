import { chunked, type Queryable } from '../../store/database/database.ts'
import { keyText } from '../../whatsapp/keys/key-text.ts'
import type { DeviceKey, Note } from '../device.ts'
import { marked, PRIVATE_BYTES } from '../signal/curve-keys.ts'
import { sessionFromGo } from '../signal/session-from-go.ts'
import { type Address, libraryAddress, readAddress, whatsmeowAddress } from './address.ts'
import { type Lids, lidForms } from './lids.ts'
import { bytesOf, type Row, readRows, textOf } from './rows.ts'
import type { Schema } from './schema.ts'
import { takenOrNoted } from './taking.ts'

/** What rows of one device are read from. */
export interface DeviceRows {
  db: Queryable
  schema: Schema
  /** As the tables have it. */
  jid: string
  lids: Lids
}

/** A session of 40 states with 2,000 missing messages in each of five chains has 100 MB; real ones have some kilobytes. */
const MOST_SESSION_BYTES = 8 * 1024 * 1024
const SESSIONS_AT_ONCE = 100

/** A row that belongs to somebody's device, and where the library looks for it. */
interface Placed {
  row: Row
  /** As it is stored. */
  name: string
  /** Under the LID where that is known. */
  address: Address
}

/** The Signal sessions of a device. */
export async function* readSessions(
  device: DeviceRows,
  { ownIdentity, now = Date.now() }: { ownIdentity: Uint8Array; now?: number },
  note: Note,
): AsyncGenerator<DeviceKey[]> {
  const { db, schema, jid } = device
  const wanted = {
    table: 'whatsmeow_sessions',
    of: { column: 'our_jid', jid },
    key: ['their_id'],
    columns: ['session'],
    long: { column: 'session', mostBytes: MOST_SESSION_BYTES },
    size: SESSIONS_AT_ONCE,
  }
  for await (const rows of readRows(db, schema, wanted)) {
    const placed = await place(device, rows, { table: wanted.table, what: 'session' }, note)
    const identities = await identitiesOf(
      device,
      placed.flatMap(({ name, address }) => [name, whatsmeowAddress(address)]),
    )
    yield placed.flatMap(({ row, name, address }) => {
      const theirIdentity = identities.get(name) ?? identities.get(whatsmeowAddress(address))
      return (
        takenOrNoted(note, { what: 'session', whose: name }, () => {
          const { record, statesLeft } = sessionFromGo(bytesOf(row, 'session'), {
            ownIdentity,
            theirIdentity,
            now,
          })
          if (statesLeft > 0)
            note({
              what: `${statesLeft} older sessions`,
              whose: name,
              why: 'they are damaged or of another identity',
            })
          return { kind: 'session' as const, id: libraryAddress(address), text: keyText('session', record) }
        }) ?? []
      )
    })
  }
}

/** The identities of the devices this one has met. */
export async function* readIdentities(device: DeviceRows, note: Note): AsyncGenerator<DeviceKey[]> {
  const { db, schema, jid } = device
  const wanted = {
    table: 'whatsmeow_identity_keys',
    of: { column: 'our_jid', jid },
    key: ['their_id'],
    columns: ['identity'],
  }
  for await (const rows of readRows(db, schema, wanted)) {
    const placed = await place(device, rows, { table: wanted.table, what: 'identity' }, note)
    yield placed.flatMap(
      ({ row, name, address }) =>
        takenOrNoted(note, { what: 'identity', whose: name }, () => {
          const identity = marked(bytesOf(row, 'identity', PRIVATE_BYTES))
          return {
            kind: 'identity-key' as const,
            id: libraryAddress(address),
            text: keyText('identity-key', identity),
          }
        }) ?? [],
    )
  }
}

/** Where the library looks for these rows. Of two for one device the one under the LID stays. */
async function place(
  { db, jid, lids }: DeviceRows,
  rows: Row[],
  { table, what }: { table: string; what: string },
  note: Note,
): Promise<Placed[]> {
  const read = rows.flatMap((row) => {
    const name = textOf(row, 'their_id')
    const address = readAddress(name)
    if (!address) note({ what, whose: name, why: 'this is no address of a device' })
    return address ? [{ row, name, address }] : []
  })
  const forms = await lidForms(
    lids,
    read.map(({ address }) => address),
  )
  const names = [...forms.values()].map(whatsmeowAddress)
  const taken = new Set<string>()
  for (const some of chunked(names))
    for (const row of await db(table).where({ our_jid: jid }).whereIn('their_id', some).select('their_id'))
      taken.add(textOf(row, 'their_id'))
  return read.flatMap(({ row, name, address }) => {
    const form = forms.get(address)
    if (!form) return [{ row, name, address }]
    if (!taken.has(whatsmeowAddress(form))) return [{ row, name, address: form }]
    note({ what, whose: name, why: `there is one under the LID, ${whatsmeowAddress(form)}` })
    return []
  })
}

/** The identities that are stored under these addresses, 33 bytes each. */
async function identitiesOf({ db, schema, jid }: DeviceRows, names: string[]): Promise<Map<string, Buffer>> {
  const identities = new Map<string, Buffer>()
  if (!schema.has('whatsmeow_identity_keys')) return identities
  for (const some of chunked([...new Set(names)])) {
    const rows: Row[] = await db('whatsmeow_identity_keys')
      .where({ our_jid: jid })
      .whereIn('their_id', some)
      .select('their_id', 'identity')
    for (const row of rows)
      if (row.identity instanceof Uint8Array) identities.set(textOf(row, 'their_id'), marked(row.identity))
  }
  return identities
}
