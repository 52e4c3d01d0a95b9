import { chunked } from '../../store/database/database.ts'
import { keyText } from '../../whatsapp/keys/key-text.ts'
import type { DeviceKey, Note } from '../device.ts'
import { senderKeyFromGo } from '../signal/sender-key.ts'
import {
  type Address,
  isPhone,
  readAddress,
  senderKeyName,
  underLid,
  underPhone,
  whatsmeowAddress,
} from './address.ts'
import { bytesOf, type Row, readRows, textOf } from './rows.ts'
import type { DeviceRows } from './sessions.ts'
import { takenOrNoted } from './taking.ts'

const MOST_KEY_BYTES = 8 * 1024 * 1024
const KEYS_AT_ONCE = 100
const GROUP = /^[\w.-]{1,80}@(g\.us|broadcast)$/

/** One row, and under which names of its sender the library may look for it. */
interface Placed {
  row: Row
  group: string
  name: string
  isOwn: boolean
  senders: Address[]
}

/**
 * The sender keys of groups. whatsmeow files those of others under the LID; the library asks for them by the name the
 * group addresses its members by, which is the number in older groups: they are stored under both. A key of our own stays
 * under the name it has: of two copies the one that falls behind would repeat numbers of messages once a group goes over
 * from numbers to LIDs, and phones ignore what repeats a number. Where it is missing, a new one is made and handed out with
 * the next message, as is done with this one: nobody is remembered to have it.
 */
export async function* readSenderKeys(
  device: DeviceRows,
  own: Address[],
  note: Note,
): AsyncGenerator<DeviceKey[]> {
  const ours = new Set(own.map(whatsmeowAddress))
  const wanted = {
    table: 'whatsmeow_sender_keys',
    of: { column: 'our_jid', jid: device.jid },
    key: ['chat_id', 'sender_id'],
    columns: ['sender_key'],
    long: { column: 'sender_key', mostBytes: MOST_KEY_BYTES },
    size: KEYS_AT_ONCE,
  }
  for await (const rows of readRows(device.db, device.schema, wanted)) {
    const placed = await place(device, rows, ours, note)
    yield placed.flatMap(({ row, group, name, isOwn, senders }) => {
      const text = takenOrNoted(note, { what: 'sender key', whose: `${name} in ${group}` }, () =>
        keyText('sender-key', senderKeyFromGo(bytesOf(row, 'sender_key'), { isOwn })),
      )
      if (text === undefined) return []
      return senders.map((sender) => ({
        kind: 'sender-key' as const,
        id: senderKeyName(group, sender),
        text,
      }))
    })
  }
}

async function place(device: DeviceRows, rows: Row[], ours: Set<string>, note: Note): Promise<Placed[]> {
  const read = rows.flatMap((row) => {
    const [group, name] = [textOf(row, 'chat_id'), textOf(row, 'sender_id')]
    const sender = readAddress(name)
    if (sender && GROUP.test(group)) return [{ row, group, name, sender, isOwn: ours.has(name) }]
    note({ what: 'sender key', whose: `${name} in ${group}`, why: 'this is no device in a group' })
    return []
  })
  const others = read.filter(({ isOwn }) => !isOwn)
  const second = await otherForms(
    device,
    others.map(({ sender }) => sender),
  )
  const taken = await namesTaken(
    device,
    others.flatMap(({ group, sender }) => {
      const form = second.get(sender)
      return form ? [{ group, name: whatsmeowAddress(form) }] : []
    }),
  )
  return read.map(({ row, group, name, sender, isOwn }) => {
    const form = second.get(sender)
    const isFree = form && !taken.has(`${group} ${whatsmeowAddress(form)}`)
    return { row, group, name, isOwn, senders: isFree ? [sender, form] : [sender] }
  })
}

/** The number of each LID and the LID of each number, where it is known. */
async function otherForms({ lids }: DeviceRows, senders: Address[]): Promise<Map<Address, Address>> {
  const usersOf = (some: Address[]) => some.map(({ user }) => user)
  const [phones, hidden] = [senders.filter(isPhone), senders.filter((sender) => !isPhone(sender))]
  const [ofPhones, ofLids] = [await lids.ofPhones(usersOf(phones)), await lids.ofLids(usersOf(hidden))]
  const forms = new Map<Address, Address>()
  for (const sender of phones) {
    const lid = ofPhones.get(sender.user)
    if (lid) forms.set(sender, underLid(sender, lid))
  }
  for (const sender of hidden) {
    const phone = ofLids.get(sender.user)
    if (phone) forms.set(sender, underPhone(sender, phone))
  }
  return forms
}

async function namesTaken(
  { db, jid }: DeviceRows,
  wanted: { group: string; name: string }[],
): Promise<Set<string>> {
  const taken = new Set<string>()
  for (const some of chunked(wanted)) {
    const rows: Row[] = await db('whatsmeow_sender_keys')
      .where({ our_jid: jid })
      .whereIn('chat_id', [...new Set(some.map(({ group }) => group))])
      .whereIn('sender_id', [...new Set(some.map(({ name }) => name))])
      .select('chat_id', 'sender_id')
    for (const row of rows) taken.add(`${textOf(row, 'chat_id')} ${textOf(row, 'sender_id')}`)
  }
  return taken
}
