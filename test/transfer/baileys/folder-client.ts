import { mkdtemp, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sandbox } from '../../../src/sandbox/index.ts'
import { type AuthenticationCreds, useMultiFileAuthState } from '../../../src/whatsapp/library/engine.ts'
import { Companion } from '../../sandbox/companion.ts'

/** A program on the library that keeps its device in a folder, as the library itself does it. */
export interface FolderClient {
  folder: string
  creds: AuthenticationCreds
  client: Companion
  /** Ends the program; its folder looks as if that had been a while ago. */
  stop(): Promise<void>
  remove(): Promise<void>
}

/** Links a program to a phone of the simulated network. */
export async function linkFolderClient(
  sandbox: Sandbox,
  owner: { phone: string; name: string },
): Promise<FolderClient> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-test-auth-'))
  const { state, saveCreds } = await useMultiFileAuthState(folder)
  const client = new Companion(sandbox, { auth: state })
  const saved: Promise<void>[] = []
  const connect = () => client.connect().ev.on('creds.update', () => saved.push(saveCreds()))
  connect()
  await sandbox.server.pairing.scan(sandbox.network.createAccount(owner), await client.qr())
  await client.closed()
  connect()
  await client.open()
  return {
    folder,
    creds: state.creds,
    client,
    async stop() {
      await client.close()
      await Promise.all(saved)
      await saveCreds()
      await looksUnused(folder)
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Sets the clocks of a folder back: a program that has just ended may be running still. */
export async function looksUnused(folder: string): Promise<void> {
  const before = new Date(Date.now() - 60_000)
  for (const path of [folder, join(folder, 'creds.json')]) await utimes(path, before, before)
}
