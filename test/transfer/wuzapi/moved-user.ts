import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openForeignFile } from '../../../src/store/database/foreign.ts'
import { deleteUser } from '../../../src/store/users/users.ts'
import { readOwnDevice } from '../../../src/transfer/own-device.ts'
import { writeWhatsmeowDevice } from '../../../src/transfer/whatsmeow/write-device.ts'
import type { LinkedUser, TestApp } from '../../helpers/app.ts'
import type { OldInstallation } from './installation.ts'

/**
 * Moves a linked user of a server to an old installation, in place of one of its users, with that one's id and token: as
 * if the phone had been linked there, and the server had never known it. The others there no longer connect by themselves.
 */
export async function moveUser(
  app: TestApp,
  user: LinkedUser,
  { old, id }: { old: OldInstallation; id: string },
): Promise<void> {
  const { db, secrets } = app.parley.services
  await app.post('/session/disconnect', user.token)
  const device = await readOwnDevice({ db, secrets }, user.id)
  await old.main.destroy()
  const main = openForeignFile(join(old.folder, 'dbdata/main.db'), 'writing')
  await writeWhatsmeowDevice(main, device, () => {})
  await main.destroy()
  await old.users('users').update({ connected: 0 })
  await old.users('users').where({ id }).update({ jid: device.jid, connected: 1 })
  await deleteUser(db, user.id)
}

/** A form with files of an old installation, as a browser or curl sends it; `texts` are its other fields. */
export async function uploadOf(
  old: OldInstallation,
  { texts = {}, names = ['users.db', 'main.db'] }: { texts?: Record<string, string>; names?: string[] } = {},
): Promise<{ headers: Record<string, string>; body: Uint8Array }> {
  const form = new FormData()
  for (const [name, text] of Object.entries({ source: 'wuzapi', ...texts })) form.set(name, text)
  for (const name of names) {
    const bytes = await readFile(join(old.folder, 'dbdata', name))
    form.set(name, new Blob([new Uint8Array(bytes)]), name)
  }
  const encoded = new Response(form)
  return {
    headers: { 'Content-Type': encoded.headers.get('content-type') ?? '' },
    body: new Uint8Array(await encoded.arrayBuffer()),
  }
}
