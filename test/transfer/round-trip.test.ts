import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/store/database/database.ts'
import { openForeignServer } from '../../src/store/database/foreign.ts'
import { openSource, type Source } from '../../src/transfer/source.ts'
import { openWhatsmeowStore } from '../../src/transfer/whatsmeow/store.ts'
import { writeWhatsmeowDevice } from '../../src/transfer/whatsmeow/write-device.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { gathered, keysOf, mainDatabase, officeJid, scratchCopy, shopJid } from './fixture.ts'

/** By what their rows are ordered, so that two databases can be compared. */
const tables = {
  whatsmeow_device: ['jid'],
  whatsmeow_identity_keys: ['our_jid', 'their_id'],
  whatsmeow_pre_keys: ['jid', 'key_id'],
  whatsmeow_sessions: ['our_jid', 'their_id'],
  whatsmeow_sender_keys: ['our_jid', 'chat_id', 'sender_id'],
  whatsmeow_app_state_sync_keys: ['jid', 'key_id'],
  whatsmeow_app_state_version: ['jid', 'name'],
  whatsmeow_app_state_mutation_macs: ['jid', 'name', 'index_mac'],
  whatsmeow_contacts: ['our_jid', 'their_jid'],
  whatsmeow_chat_settings: ['our_jid', 'chat_jid'],
  whatsmeow_message_secrets: ['our_jid', 'message_id'],
  whatsmeow_lid_map: ['lid'],
  whatsmeow_version: ['version'],
}

let original: Source

beforeAll(async () => {
  original = await openSource(mainDatabase)
})

afterAll(async () => {
  await original.close()
})

describe.each(databaseKinds)('%s', (kind) => {
  let target: { db: Database; address: string; close(): Promise<void> }

  beforeAll(async () => {
    target = await emptyTarget(kind)
    const store = await openWhatsmeowStore(original.db)
    for (const jid of [shopJid, officeJid]) {
      const refused: unknown[] = []
      await writeWhatsmeowDevice(target.db, await store.readDevice(jid), (one) => refused.push(one))
      expect(refused).toEqual([])
    }
  })

  afterAll(() => target.close())

  test('devices that are written have the rows they were read from, byte for byte', async () => {
    for (const [table, order] of Object.entries(tables)) {
      const [before, after] = await Promise.all([
        original.db(table).orderBy(order),
        target.db(table).orderBy(order),
      ])

      expect(after.map(plain), table).toEqual(before.map(plain))
    }
  })

  test('and are the same when they are read again', async () => {
    const written = await openSource(target.address)
    try {
      const [before, after] = [await openWhatsmeowStore(original.db), await openWhatsmeowStore(written.db)]
      expect(await after.listDevices()).toEqual(await before.listDevices())
      for (const jid of [shopJid, officeJid]) {
        const [one, other] = [await before.readDevice(jid), await after.readDevice(jid)]

        expect(sorted(await keysOf(other))).toEqual(sorted(await keysOf(one)))
        expect(other.creds).toEqual({
          ...one.creds,
          pairingEphemeralKeyPair: other.creds.pairingEphemeralKeyPair,
        })
        expect(await gathered(other.contacts())).toEqual(await gathered(one.contacts()))
        expect(await gathered(other.chats())).toEqual(await gathered(one.chats()))
        expect(await gathered(other.messageSecrets(() => {}))).toEqual(
          await gathered(one.messageSecrets(() => {})),
        )
      }
    } finally {
      await written.close()
    }
  })
})

test('a device that goes back replaces the keys that were left behind, and nothing of the others', async () => {
  const target = await scratchCopy()
  try {
    const store = await openWhatsmeowStore(original.db)
    const shop = await store.readDevice(shopJid)
    await target
      .db('whatsmeow_sessions')
      .where({ our_jid: shopJid })
      .update({ session: Buffer.from('{}') })
    await target
      .db('whatsmeow_pre_keys')
      .insert({ jid: shopJid, key_id: 900, key: Buffer.alloc(32, 1), uploaded: true })

    await writeWhatsmeowDevice(target.db, shop, () => {})

    for (const [table, order] of Object.entries(tables)) {
      const [before, after] = [await original.db(table).orderBy(order), await target.db(table).orderBy(order)]
      expect(after.map(plain), table).toEqual(before.map(plain))
    }
  } finally {
    await target.close()
  }
})

test('another linking under the same JID is not overwritten', async () => {
  const target = await scratchCopy()
  try {
    const shop = await (await openWhatsmeowStore(original.db)).readDevice(shopJid)
    await target
      .db('whatsmeow_device')
      .where({ jid: shopJid })
      .update({ identity_key: Buffer.alloc(32, 7) })

    const write = writeWhatsmeowDevice(target.db, shop, () => {})

    await expect(write).rejects.toThrow('another linking')
    expect(await target.db('whatsmeow_sessions').where({ our_jid: shopJid })).toHaveLength(7)
  } finally {
    await target.close()
  }
})

async function emptyTarget(kind: 'sqlite' | 'postgres') {
  if (kind === 'sqlite') {
    const { db, path, close } = await scratchCopy()
    const names: { name: string }[] = await db('sqlite_master').where({ type: 'table' }).select('name')
    await db.raw('pragma foreign_keys = off')
    for (const { name } of names) await db.schema.dropTable(name)
    await db.raw('pragma foreign_keys = on')
    return { db, address: path, close }
  }
  const temporary: TemporaryDatabase = await temporaryDatabase('postgres')
  const address = temporary.config.databaseUrl ?? ''
  const db = openForeignServer(address, 'writing')
  return {
    db,
    address,
    close: async () => {
      await db.destroy()
      await temporary.close()
    },
  }
}

/** SQLite has no booleans, and its drivers give other classes of bytes. */
function plain(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (typeof value === 'boolean') return [name, Number(value)]
      return [name, value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value]
    }),
  )
}

function sorted({ keys, dropped }: Awaited<ReturnType<typeof keysOf>>) {
  const texts = keys.map(({ kind, id, text }) => `${kind} ${id} ${timeless(text)}`)
  return { dropped, keys: texts.sort() }
}

/** When a session was taken over is noted in it. */
function timeless(text: string): string {
  return text.replace(/"(used|created)":\d+/g, '"$1":0')
}
