import { cp, mkdir, readdir, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SourceAccount, SourceServer } from '../../../src/transfer/account.ts'
import { openBaileys } from '../../../src/transfer/baileys/accounts.ts'
import { importAccount } from '../../../src/transfer/import-account.ts'
import { type DeviceHost, deviceHost } from '../../whatsapp/keys/signal-device.ts'
import { keysOf, shopJid, waitingFor } from '../fixture.ts'
import { importedDevice, wordsOf } from '../imported-device.ts'
import { type FixtureFolder, fixtureFolder } from './fixture-folder.ts'
import { looksUnused } from './folder-client.ts'

/** Of the clock by which the kernel dates files, at 100 Hz. */
const LONGEST_TICK_MS = 10

let host: DeviceHost
let original: FixtureFolder
let copies = 0

beforeAll(async () => {
  host = await deviceHost()
  original = await fixtureFolder(shopJid)
})
afterAll(async () => {
  await original.remove()
  await host.temporary.close()
})

/** A copy that may be changed. */
async function copyOfFolder(): Promise<string> {
  copies += 1
  const folder = join(dirname(original.folder), `copy-${copies}`, 'auth_info')
  await cp(original.folder, folder, { recursive: true })
  await looksUnused(folder)
  return folder
}

function open(from: string): Promise<SourceServer> {
  return openBaileys({ from, key: '', files: '', chosen: new Map() })
}

async function onlyAccount(from: string): Promise<SourceAccount> {
  const { accounts } = await open(from)
  if (!accounts[0] || accounts.length > 1) throw new Error(`there are ${accounts.length} accounts`)
  return accounts[0]
}

async function changeJson(path: string, change: (written: ReturnType<typeof JSON.parse>) => void) {
  const written = JSON.parse(await readFile(path, 'utf8'))
  change(written)
  await writeFile(path, JSON.stringify(written))
}

const sorted = (keys: { kind: string; id: string }[]) =>
  [...keys].sort((a, b) => (`${a.kind} ${a.id}` < `${b.kind} ${b.id}` ? -1 : 1))

test('every key that the library has written comes over as it is', async () => {
  const account = await onlyAccount(original.folder)

  const device = await account.readDevice()
  const { keys, dropped } = await keysOf(device)

  expect(dropped).toEqual([])
  expect(sorted(keys)).toEqual(sorted(original.keys))
  expect(device.jid).toBe(shopJid)
  expect(device.creds).toMatchObject({
    me: original.device.creds.me,
    registrationId: original.device.creds.registrationId,
    nextPreKeyId: original.device.creds.nextPreKeyId,
    myAppStateKeyId: original.device.creds.myAppStateKeyId,
    registered: true,
  })
  expect(account.notes).toEqual([
    { what: 'token', whose: 'auth_info', why: 'there are none: give the user one' },
  ])
})

test('what waited for it is read', async () => {
  const device = await importedDevice(host, await (await onlyAccount(original.folder)).readDevice())

  const read: string[] = []
  for (const { stanza } of waitingFor('491511110001').slice(0, 9))
    read.push(wordsOf(await device.reads(stanza)))

  expect(read).toEqual(
    waitingFor('491511110001')
      .slice(0, 9)
      .map(({ text }) => text),
  )
})

test('sessions under a number go under the LID where a pair is known, unless one is there', async () => {
  const folder = await copyOfFolder()
  const { keys } = original
  const pairs = keys.filter(({ kind, id }) => kind === 'lid-mapping' && !id.endsWith('_reverse'))
  const phones = new Map(pairs.map(({ id, text }) => [JSON.parse(text), id]))
  const sessions = keys.flatMap(({ kind, id }) => {
    const [, lid, device] = /^(\d+)_1\.(\d+)$/.exec(id) ?? []
    const phone = phones.get(lid)
    return kind === 'session' && phone ? [{ id, old: `${phone}.${device}` }] : []
  })
  const [moved, doubled] = sessions
  if (!moved || !doubled) throw new Error('the fixture has no such sessions')
  await rename(join(folder, `session-${moved.id}.json`), join(folder, `session-${moved.old}.json`))
  await cp(join(folder, `session-${doubled.id}.json`), join(folder, `session-${doubled.old}.json`))

  const read = await keysOf(await (await onlyAccount(folder)).readDevice())

  expect(sorted(read.keys)).toEqual(sorted(keys))
  expect(read.dropped).toEqual([
    { what: 'session', whose: doubled.old, why: `there is a newer one under the LID, ${doubled.id}` },
  ])
})

test('a folder of an old release: no pairs, no identities, bytes as lists, sender keys that are not packed', async () => {
  const folder = await copyOfFolder()
  for (const name of await readdir(folder))
    if (/^(lid-mapping|identity-key|device-list|tctoken)-/.test(name)) await rm(join(folder, name))
  await changeJson(join(folder, 'creds.json'), (creds) => {
    delete creds.me.lid
    creds.registered = false
    const bytes = Buffer.from(creds.noiseKey.private.data, 'base64')
    creds.noiseKey.private = { type: 'Buffer', data: [...bytes] }
    for (const [name, { data }] of Object.entries<{ data: string }>(creds.account)) creds.account[name] = data
    creds.serverHasPreKeys = true
  })
  const senderKey = (await readdir(folder)).find((name) => /^sender-key-.*@g\.us--/.test(name)) ?? ''
  const { data } = JSON.parse(await readFile(join(folder, senderKey), 'utf8'))
  await writeFile(join(folder, senderKey), Buffer.from(data, 'base64'))

  const device = await (await onlyAccount(folder)).readDevice()
  const { keys, dropped } = await keysOf(device)

  const expected = original.keys.filter(
    ({ kind }) => !['lid-mapping', 'identity-key', 'device-list', 'tctoken'].includes(kind),
  )
  expect(dropped).toEqual([])
  expect(sorted(keys)).toEqual(sorted(expected))
  expect(device.lid).toBe('')
  expect(device.creds).toMatchObject({ registered: true, me: { id: shopJid } })
  expect(device.creds.noiseKey.private).toEqual(original.device.creds.noiseKey.private)
})

test('its own LID is found in a pair, and a pre-key that was stored after the credentials counts', async () => {
  const folder = await copyOfFolder()
  await changeJson(join(folder, 'creds.json'), (creds) => {
    delete creds.me.lid
    creds.nextPreKeyId = 3
  })

  const device = await (await onlyAccount(folder)).readDevice()

  expect(device.lid).toBe(original.device.lid)
  expect(device.creds.nextPreKeyId).toBe(original.device.creds.nextPreKeyId)
})

test('what is damaged or too long is left out, and said without a word of what is in it', async () => {
  const folder = await copyOfFolder()
  const names = await readdir(folder)
  const [first = '', second = '', third = ''] = names.filter((name) => name.startsWith('session-'))
  const [preKey = ''] = names.filter((name) => name.startsWith('pre-key-'))
  const [senderKey = ''] = names.filter((name) => /^sender-key-.*--/.test(name))
  await truncate(join(folder, first), 200)
  await truncate(join(folder, second), 9 * 1024 * 1024)
  await changeJson(join(folder, third), ({ _sessions }) => {
    for (const session of Object.values<{ currentRatchet: object }>(_sessions))
      session.currentRatchet = { rootKey: 'secret' }
  })
  await writeFile(join(folder, preKey), '{"private":"secret"}')
  await writeFile(join(folder, senderKey), JSON.stringify({ type: 'Buffer', data: 'c2VjcmV0' }))

  const { dropped, keys } = await keysOf(await (await onlyAccount(folder)).readDevice())

  expect(dropped.map(({ what }) => what).sort()).toEqual([
    'pre-key',
    'sender key',
    'session',
    'session',
    'session',
  ])
  expect(JSON.stringify(dropped)).not.toContain('secret')
  expect(keys).toHaveLength(original.keys.length - 5)
})

test.each([
  [
    'of somebody else',
    (creds: ReturnType<typeof JSON.parse>) => {
      creds.signedIdentityKey.private.data = Buffer.alloc(32, 7).toString('base64')
    },
    'signature of its pre-key',
  ],
  [
    'of a linking that was not finished',
    (creds: ReturnType<typeof JSON.parse>) => {
      delete creds.account
    },
    'its linking was never finished',
  ],
  [
    'without a key',
    (creds: ReturnType<typeof JSON.parse>) => {
      delete creds.noiseKey
    },
    'its noise key is not there or damaged',
  ],
])('credentials %s bring no device', async (_, change, reason) => {
  const folder = await copyOfFolder()
  await changeJson(join(folder, 'creds.json'), change)

  const account = await onlyAccount(folder)

  await expect(account.readDevice()).rejects.toThrow(reason)
})

test('credentials that are cut off are reported, and the account comes without its phone', async () => {
  const folder = await copyOfFolder()
  await truncate(join(folder, 'creds.json'), 300)

  const account = await onlyAccount(folder)

  expect(account.device).toBe('')
  expect(account.notes[0]).toEqual({
    what: 'creds.json',
    whose: 'auth_info',
    why: 'it is cut off or damaged',
  })
})

test('a folder of folders: an account each, and of two copies of a device the newer one', async () => {
  const parent = dirname(dirname(await copyOfFolder()))
  const folder = join(parent, 'many')
  for (const name of ['bakery', 'bakery-backup', 'fresh'])
    await cp(original.folder, join(folder, name), { recursive: true })
  await changeJson(join(folder, 'fresh', 'creds.json'), (creds) => {
    delete creds.me
    delete creds.account
  })
  await utimes(join(folder, 'bakery-backup', 'creds.json'), 1_000, 1_000)

  const { accounts, place } = await open(folder)

  expect(place).toBe(folder)
  expect(accounts.map(({ user, device }) => [user.name, device])).toEqual([
    ['bakery', shopJid],
    ['bakery-backup', ''],
    ['fresh', ''],
  ])
  expect(accounts[1]?.notes[0]).toEqual({
    what: 'device',
    whose: 'bakery-backup',
    why: 'bakery has the same one, and is newer',
  })
  expect(new Set(accounts.map(({ user }) => user.id)).size).toBe(3)
})

test('the same folder twice is known the second time', async () => {
  const target = { db: host.db, secrets: host.secrets }
  const options = { source: 'baileys', connects: true }

  const trial = await importAccount(target, await onlyAccount(original.folder), { ...options, isTrial: true })
  const first = await importAccount(target, await onlyAccount(original.folder), {
    ...options,
    isTrial: false,
  })
  const second = await importAccount(target, await onlyAccount(original.folder), {
    ...options,
    isTrial: false,
  })

  expect([trial.outcome, first.outcome, second.outcome]).toEqual(['ready', 'imported', 'present'])
  expect(first.taken).toEqual(trial.taken)
  expect(first.taken).toMatchObject({ sessions: 7 })
})

test('a folder that is written to counts as in use, and is not read to its end', async () => {
  const folder = await copyOfFolder()
  const account = await onlyAccount(folder)
  const device = await account.readDevice()
  await delay(2 * LONGEST_TICK_MS)

  const [name = ''] = (await readdir(folder)).filter((one) => one.startsWith('session-'))
  await writeFile(join(folder, name), await readFile(join(folder, name)))
  await writeFile(join(folder, 'creds.json'), await readFile(join(folder, 'creds.json')))

  await expect(keysOf(device)).rejects.toThrow('is being written to: stop the program')
  expect((await open(folder)).inUse).toContain('as if its program were running')
})

test('says what is wrong with a place that has no devices', async () => {
  const scratch = dirname(original.folder)
  const empty = join(scratch, 'empty')
  await mkdir(empty)

  await expect(open(join(scratch, 'nowhere'))).rejects.toThrow('there is no folder')
  await expect(open(join(original.folder, 'creds.json'))).rejects.toThrow('this is no folder')
  await expect(open(empty)).rejects.toThrow('there is no creds.json')
})
