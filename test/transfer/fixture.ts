import { readFileSync } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '../../src/store/database/database.ts'
import { openForeignFile } from '../../src/store/database/foreign.ts'
import type { DeviceKey, Dropped, SourceDevice } from '../../src/transfer/device.ts'
import { type BinaryNode, BufferJSON } from '../../src/whatsapp/library/engine.ts'

const folder = join(import.meta.dirname, '../fixtures/whatsmeow')

/** The devices of an installation that was ended in the middle of its conversations. */
export const mainDatabase = join(folder, 'dbdata/main.db')
export const shopJid = '491511110001:1@s.whatsapp.net'
export const officeJid = '491511110002:1@s.whatsapp.net'

interface Network {
  accounts: { phone: string; companions: { waiting: BinaryNode[] }[] }[]
  pending: { id: string; for: string; text: string }[]
}

/** What was waiting for a linked device, oldest first, and what each message says. */
export function waitingFor(phone: string): { stanza: BinaryNode; text: string }[] {
  const network: Network = JSON.parse(readFileSync(join(folder, 'network.json'), 'utf8'), BufferJSON.reviver)
  const texts = new Map(network.pending.map(({ id, text }) => [id, text]))
  const account = network.accounts.find((one) => one.phone === phone)
  return (account?.companions[0]?.waiting ?? []).map((stanza) => ({
    stanza,
    text: texts.get(stanza.attrs.id ?? '') ?? '',
  }))
}

export interface ScratchCopy {
  path: string
  db: Database
  close(): Promise<void>
}

/** A copy of that database that may be changed. */
export async function scratchCopy(): Promise<ScratchCopy> {
  const scratch = await mkdtemp(join(tmpdir(), 'parley-test-'))
  const path = join(scratch, 'main.db')
  await copyFile(mainDatabase, path)
  const db = openForeignFile(path, 'writing')
  return {
    path,
    db,
    async close() {
      await db.destroy()
      await rm(scratch, { recursive: true, force: true })
    },
  }
}

/** All keys of a device, and what was not taken over. */
export async function keysOf(device: SourceDevice): Promise<{ keys: DeviceKey[]; dropped: Dropped[] }> {
  const dropped: Dropped[] = []
  const keys = await gathered(device.keys((one) => dropped.push(one)))
  return { keys, dropped }
}

/** Everything that comes in portions. */
export async function gathered<Item>(portions: AsyncIterable<Item[]>): Promise<Item[]> {
  const items: Item[] = []
  for await (const portion of portions) items.push(...portion)
  return items
}
