import { keyText } from '../../whatsapp/keys/key-text.ts'
import type { DeviceKey, Note } from '../device.ts'
import { UnreadableRow } from '../signal/go-json.ts'
import { addressOfJid, isPhone } from './address.ts'
import { bytesOf, numberOf, type Row, readRows, textOf } from './rows.ts'
import type { DeviceRows } from './sessions.ts'
import { takenOrNoted } from './taking.ts'

/** Under this name the library keeps the list of all it has tokens of. */
const INDEX = '__index'
const MOST_TOKEN_BYTES = 4_096

/** The row that counts of those of one person. */
interface Newest {
  theirs: string
  timestamp: number
}

/** The tokens of trusted contacts, without which some people cannot be written to, under the LID where it is known. */
export async function* readTokens(device: DeviceRows, note: Note): AsyncGenerator<DeviceKey[]> {
  const newest = await newestRows(device)
  const places = new Map([...newest].map(([place, { theirs }]) => [theirs, place]))
  const index: string[] = []
  for await (const rows of tokenRows(device)) {
    const keys = rows.flatMap((row) => {
      const whose = textOf(row, 'their_jid')
      return (
        takenOrNoted(note, { what: 'token', whose }, () => {
          const id = places.get(whose)
          if (id === undefined) throw new UnreadableRow('there is a newer one under another address')
          return { kind: 'tctoken' as const, id, text: keyText('tctoken', tokenIn(row)) }
        }) ?? []
      )
    })
    index.push(...keys.map(({ id }) => id))
    yield keys
  }
  if (index.length === 0) return
  const token = Buffer.from(JSON.stringify(index))
  yield [{ kind: 'tctoken', id: INDEX, text: keyText('tctoken', { token }) }]
}

/** By where the library looks for it. */
async function newestRows(device: DeviceRows): Promise<Map<string, Newest>> {
  const newest = new Map<string, Newest>()
  for await (const rows of tokenRows(device)) {
    const lids = await lidsOf(device, rows)
    for (const row of rows) {
      const theirs = textOf(row, 'their_jid')
      const place = lids.get(theirs) ?? theirs
      const timestamp = Number(row.timestamp)
      if ((newest.get(place)?.timestamp ?? -1) < timestamp) newest.set(place, { theirs, timestamp })
    }
  }
  return newest
}

function tokenRows({ db, schema, jid }: DeviceRows): AsyncIterable<Row[]> {
  return readRows(db, schema, {
    table: 'whatsmeow_privacy_tokens',
    of: { column: 'our_jid', jid },
    key: ['their_jid'],
    columns: ['token', 'timestamp', 'sender_timestamp'],
  })
}

function tokenIn(row: Row): { token: Buffer; timestamp: string; senderTimestamp?: number } {
  const token = bytesOf(row, 'token')
  if (token.length === 0 || token.length > MOST_TOKEN_BYTES) throw new UnreadableRow('token is no token')
  const timestamp = String(numberOf(row, 'timestamp'))
  if (row.sender_timestamp === null) return { token, timestamp }
  return { token, timestamp, senderTimestamp: numberOf(row, 'sender_timestamp') }
}

/** The LID of each number, where it is known. */
async function lidsOf({ lids }: DeviceRows, rows: Row[]): Promise<Map<string, string>> {
  const phones = rows.flatMap((row) => {
    const jid = textOf(row, 'their_jid')
    const address = addressOfJid(jid)
    return address && isPhone(address) ? [{ jid, user: address.user }] : []
  })
  const known = await lids.ofPhones(phones.map(({ user }) => user))
  return new Map(
    phones.flatMap(({ jid, user }) => {
      const lid = known.get(user)
      return lid ? [[jid, `${lid}@lid`] as const] : []
    }),
  )
}
