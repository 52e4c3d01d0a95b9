import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { loadConfig } from '../config/config.ts'
import { goStringify } from '../dialects/shared/go/stringify.ts'
import { messageObject } from '../dialects/shared/whatsmeow/message-object.ts'
import { errorCode, InstallationError } from '../lib/process/installation-error.ts'
import { type Database, isPostgres } from '../store/database/database.ts'
import { openForeignFile, openForeignServer } from '../store/database/foreign.ts'
import { listNodes } from '../store/nodes/nodes.ts'
import { isExported, noteExport } from '../store/users/exports.ts'
import { importedExtra } from '../store/users/imports.ts'
import { listUsers, type User, updateUser } from '../store/users/users.ts'
import { readOwnDevice } from '../transfer/own-device.ts'
import { describeDropped, headingOf, Tally } from '../transfer/report.ts'
import { isServer, openSource } from '../transfer/source.ts'
import { writeWhatsmeowDevice } from '../transfer/whatsmeow/write-device.ts'
import { checkSourceKey, checkTargetKey } from '../transfer/wuzapi/hmac-key.ts'
import { writeWuzapiUser } from '../transfer/wuzapi/write-user.ts'
import { runCommand, say } from './command.ts'
import { type Installation, openInstallation } from './installation.ts'

const USAGE = `npm run export -- wuzapi --to <data folder or postgres://...> [--target-key <its encryption key>]
    [--user <id or name>]...

  --to          the data folder it had (or a new one), or its PostgreSQL database
  --target-key  what HMAC keys are encrypted with there; or set TARGET_KEY
  --user        only these`

interface Order {
  to: string
  key: string
  users: string[]
}

/** The databases of the server that is gone back to; on PostgreSQL both are one. */
interface Target {
  users: Database
  devices: Database
  close(): Promise<void>
}

function readOrder(args: string[]): Order {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      to: { type: 'string' },
      'target-key': { type: 'string' },
      user: { type: 'string', multiple: true, default: [] },
    },
  })
  if (positionals.join() !== 'wuzapi') throw new Error('say what to export to: wuzapi')
  if (!values.to) throw new Error('say where to: --to')
  const key = values['target-key'] ?? process.env.TARGET_KEY ?? ''
  if (key !== '') checkSourceKey(key)
  const { to } = values
  return {
    to: isServer(to) ? to : resolve(process.env.PARLEY_STARTED_IN ?? '.', to),
    key,
    users: values.user,
  }
}

async function main(): Promise<void> {
  const order = readOrder(process.argv.slice(2))
  await refuseInUse(order.to)
  const installation = await openInstallation(loadConfig(process.env))
  try {
    const users = wantedUsers(await listUsers(installation.db, installation.secrets), order.users)
    await refuseRunning(installation)
    const target = await openTarget(order.to)
    try {
      if (order.key !== '') await checkTargetKey(target.users, order.key)
      for (const [index, user] of users.entries()) {
        const lines = await exportUser(installation, { user, target, order })
        say(`[${index + 1}/${users.length}] ${lines.join('\n')}`)
      }
    } finally {
      await target.close()
    }
    say(`They are in ${place(order.to)}, and no session of theirs connects here any more.`)
    say('Start the old server: its phones connect without a scan.')
  } finally {
    await installation.close()
  }
}

function wantedUsers(users: User[], names: string[]): User[] {
  const unknown = names.find((name) => !users.some((user) => user.id === name || user.name === name))
  if (unknown !== undefined) throw new InstallationError(`there is no user ${unknown}`)
  // Devices of customers have no place there.
  const own = users.filter(({ customerId }) => customerId === null)
  return names.length === 0 ? own : own.filter(({ id, name }) => names.includes(id) || names.includes(name))
}

/**
 * Two servers with the keys of one device throw each other out. On SQLite this process has the folder for itself; nodes may
 * open a session at any moment.
 */
async function refuseRunning({ db }: Installation): Promise<void> {
  if (!isPostgres(db)) return
  const [alive] = (await listNodes(db)).filter(({ isAlive }) => isAlive)
  if (alive) throw new InstallationError(`the node ${alive.id} runs: stop all servers of this database first`)
}

async function refuseInUse(to: string): Promise<void> {
  const files = isServer(to) ? [to] : ['users.db', 'main.db'].map((name) => join(to, 'dbdata', name))
  for (const file of files) {
    if (!isServer(file) && !(await stat(file).catch(() => undefined))) continue
    const { use, place: where, close } = await openSource(file)
    await close()
    if (use.state === 'in use') throw new InstallationError(`${where} is in use by ${use.by}: stop it first`)
  }
}

async function openTarget(to: string): Promise<Target> {
  if (isServer(to)) {
    const db = openForeignServer(to, 'writing')
    return { users: db, devices: db, close: () => db.destroy() }
  }
  const folder = join(to, 'dbdata')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const name of ['users.db', 'main.db']) await createPrivate(join(folder, name))
  const users = openForeignFile(join(folder, 'users.db'), 'writing')
  const devices = openForeignFile(join(folder, 'main.db'), 'writing')
  return {
    users,
    devices,
    close: async () => {
      await Promise.all([users.destroy(), devices.destroy()])
    },
  }
}

/** What is in it opens accounts. A file that is there keeps what its owner has set. */
async function createPrivate(path: string): Promise<void> {
  await writeFile(path, '', { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error
  })
}

async function exportUser(
  { db, secrets }: Installation,
  { user, target, order }: { user: User; target: Target; order: Order },
): Promise<string[]> {
  if (user.jid !== '' && (await isExported(db, user.id)))
    return [
      `${user.name || user.id}: left out, it was exported before, and its keys here are older than those there`,
    ]
  const tally = new Tally()
  const extra = await importedExtra(db, secrets, user.id)
  const device = user.jid === '' ? undefined : await readOwnDevice({ db, secrets }, user.id, { extra })
  if (device) await writeWhatsmeowDevice(target.devices, device, tally.note)
  const ours = { db, secrets, user, device: device?.jid ?? '' }
  const eventText = (event: Parameters<typeof messageObject>[0]) => goStringify(messageObject(event, ''))
  const { history } = await writeWuzapiUser(target.users, ours, { key: order.key, eventText }, tally.note)
  // From now on the other server has the ratchets.
  if (device)
    await db.transaction(async (trx) => {
      await updateUser(trx, secrets, user.id, { wanted: false })
      await noteExport(trx, user.id)
    })
  return [
    `${headingOf(user, device?.jid ?? '')}: exported, ${history} history entries`,
    ...describeDropped(tally.dropped),
  ]
}

/** Without a password. */
function place(to: string): string {
  if (!isServer(to)) return to
  const { host, pathname } = new URL(to)
  return `${host}${pathname}`
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  runCommand(main, { failed: 'Nothing more was exported', usage: USAGE })
