import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DeviceKey, SourceDevice } from '../../../src/transfer/device.ts'
import { openWhatsmeowStore } from '../../../src/transfer/whatsmeow/store.ts'
import { keyFromText } from '../../../src/whatsapp/keys/key-text.ts'
import { type SignalDataTypeMap, useMultiFileAuthState } from '../../../src/whatsapp/library/engine.ts'
import { keysOf, scratchCopy } from '../fixture.ts'
import { looksUnused } from './folder-client.ts'

/** A real device, with a folder that the library itself has written of it. */
export interface FixtureFolder {
  folder: string
  device: SourceDevice
  /** What was written. */
  keys: DeviceKey[]
  remove(): Promise<void>
}

/** Writes a linked device of the fixture into a folder `name`, beside nothing else. */
export async function fixtureFolder(jid: string, name = 'auth_info'): Promise<FixtureFolder> {
  const scratch = await mkdtemp(join(tmpdir(), 'parley-test-'))
  const { device, close } = await fixtureDevice(jid)
  const folder = join(scratch, name)
  const { keys } = await keysOf(device)
  await writeFolder(folder, { device, keys })
  return {
    folder,
    device,
    keys,
    async remove() {
      await close()
      await rm(scratch, { recursive: true, force: true })
    },
  }
}

async function fixtureDevice(jid: string): Promise<{ device: SourceDevice; close(): Promise<void> }> {
  const copy = await scratchCopy()
  const store = await openWhatsmeowStore(copy.db)
  return { device: await store.readDevice(jid), close: copy.close }
}

/** As the library writes it. */
async function writeFolder(
  folder: string,
  { device, keys }: { device: SourceDevice; keys: DeviceKey[] },
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const { state, saveCreds } = await useMultiFileAuthState(folder)
  Object.assign(state.creds, device.creds)
  await saveCreds()
  for (const { kind, id, text } of keys) {
    // The reader of another server yields kinds of the library alone.
    const value = keyFromText(kind as keyof SignalDataTypeMap, text)
    await state.keys.set({ [kind]: { [id]: value } })
  }
  await looksUnused(folder)
}
