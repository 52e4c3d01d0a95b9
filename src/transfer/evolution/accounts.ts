import { join } from 'node:path'
import { userIdOf } from '../../lib/device-id.ts'
import { derivedId } from '../../lib/ids.ts'
import { bare, isPersonJid } from '../../lib/jid.ts'
import { InstallationError } from '../../lib/process/installation-error.ts'
import type { Contact } from '../../store/contacts.ts'
import { nothing, type SourceAccount, type SourceServer } from '../account.ts'
import { jidIn } from '../baileys/credentials.ts'
import { deviceOf } from '../baileys/device.ts'
import { KeyFolder } from '../baileys/folder.ts'
import { parseJson } from '../baileys/json.ts'
import type { Dropped } from '../device.ts'
import { isFolder } from '../places.ts'
import { isServer, openSource, useOf } from '../source.ts'
import type { SourceRequest } from '../sources.ts'
import { SourceTokens } from '../tokens.ts'
import { sourceUser } from '../user.ts'
import { type Row, textOf } from '../whatsmeow/rows.ts'
import { readOrNoted } from '../whatsmeow/taking.ts'
import { droppedSettings, droppedWebhook, proxyOf } from './settings.ts'
import { type EvolutionTables, openTables } from './tables.ts'

const KIND = 'evolution'
/** What uses the library; other instances are accounts of WhatsApp's paid interface and have no linked device. */
const LINKED = 'WHATSAPP-BAILEYS'
/** A path must not lead anywhere else. */
const INSTANCE_ID = /^[\w-]{1,64}$/

/**
 * Opens what an Evolution API has stored: its PostgreSQL database, and besides, in `files`, the folder `instances` with the
 * keys. Nothing of it is changed. Throws InstallationError for what is none.
 */
export async function openEvolution({ from, files = '' }: SourceRequest): Promise<SourceServer> {
  if (!isServer(from))
    throw new InstallationError('name the PostgreSQL database of the Evolution API: --from postgres://...')
  if (files !== '' && !(await isFolder(files))) throw new InstallationError(`there is no folder ${files}`)
  const source = await openSource(from)
  try {
    const tables = await openTables(source.db, from)
    const tokens = new SourceTokens()
    const accounts: SourceAccount[] = []
    for (const instance of tables.instances)
      accounts.push(await accountOf(tables, instance, { files, tokens }))
    return {
      kind: KIND,
      place: source.place,
      accounts,
      strayDevices: [],
      inUse: useOf(source),
      mark: async () => {},
      close: () => source.close(),
    }
  } catch (error) {
    await source.close()
    throw error
  }
}

async function accountOf(
  tables: EvolutionTables,
  instance: Row,
  { files, tokens }: { files: string; tokens: SourceTokens },
): Promise<SourceAccount> {
  const [id, name] = [textOf(instance, 'id'), textOf(instance, 'name')]
  const notes: Dropped[] = []
  const creds = await credentialsOf(tables, instance, notes)
  const device = jidIn(creds)
  if (device === '' && creds !== undefined)
    notes.push({ what: 'device', whose: name, why: 'it was never linked' })
  const folder = device === '' ? undefined : await folderOf(files, { id, name }, notes)
  const settings = (table: 'Webhook' | 'Proxy' | 'Setting') => tables.settingsOf(table, id)
  notes.push(
    ...droppedWebhook(await settings('Webhook'), name),
    ...droppedSettings(await settings('Setting'), name),
  )
  const createdAt = instance.createdAt instanceof Date ? instance.createdAt.getTime() : Date.now()
  return {
    user: sourceUser({
      id: userIdOf(id) ?? derivedId(KIND, id),
      name,
      token: tokens.take(textOf(instance, 'token'), name, notes),
      device,
      wanted: device !== '' && instance.connectionStatus !== 'close',
      proxyUrl: proxyOf(await settings('Proxy'), name, notes),
      createdAt,
    }),
    webhooks: [],
    device,
    notes,
    readDevice: () => deviceOf({ creds, folder, contacts: () => contactsOf(tables, id) }),
    history: nothing,
  }
}

/** A JSON text within a JSON text, as it stands in the database. */
async function credentialsOf(tables: EvolutionTables, instance: Row, notes: Dropped[]): Promise<unknown> {
  const name = textOf(instance, 'name')
  const note = (why: string) => notes.push({ what: 'device', whose: name, why })
  const integration = textOf(instance, 'integration')
  if (integration !== '' && integration !== LINKED) {
    note(`it is no linked device (${integration}), and works through an interface that is not known here`)
    return undefined
  }
  const { text, isLong } = await tables.credentialsOf(textOf(instance, 'id'))
  if (isLong) note('its credentials are longer than any real ones')
  else if (text === '') note('it was never linked, or keeps its credentials in Redis')
  if (text === '') return undefined
  return readOrNoted(
    (dropped) => notes.push(dropped),
    { what: 'device', whose: name },
    async () => {
      const outer = parseJson(text, { hasBytes: true })
      return typeof outer === 'string' ? parseJson(outer, { hasBytes: true }) : outer
    },
  )
}

async function folderOf(
  files: string,
  { id, name }: { id: string; name: string },
  notes: Dropped[],
): Promise<KeyFolder | undefined> {
  const path = join(files, id)
  if (files !== '' && INSTANCE_ID.test(id) && (await isFolder(path))) return new KeyFolder(path)
  const where = files === '' ? 'its folder of instances was not named (--files)' : `there is no folder ${id}`
  notes.push({
    what: 'sessions and keys',
    whose: name,
    why: `${where}: everybody's next message is asked for a second time, and groups get new keys`,
  })
  return undefined
}

async function* contactsOf(tables: EvolutionTables, instanceId: string): AsyncGenerator<Contact[]> {
  for await (const rows of tables.contactsOf(instanceId)) {
    const contacts = new Map<string, Contact>()
    for (const row of rows) {
      const [jid, pushName] = [bare(textOf(row, 'remoteJid')), textOf(row, 'pushName')]
      if (isPersonJid(jid) && pushName !== '')
        contacts.set(jid, { jid, firstName: '', fullName: '', pushName, businessName: '' })
    }
    yield [...contacts.values()]
  }
}
