import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs, parseEnv } from 'node:util'
import { configTable, loadConfig } from '../config/config.ts'
import { InstallationError } from '../lib/process/installation-error.ts'
import { sweepLeftovers } from '../lib/process/scratch-folder.ts'
import type { SourceAccount, SourceServer } from '../transfer/account.ts'
import { importCustomers } from '../transfer/customers.ts'
import { importAccount } from '../transfer/import-account.ts'
import { type AccountReport, describeAccount, summarise } from '../transfer/report.ts'
import { isServer } from '../transfer/source.ts'
import { type SourceRequest, sources } from '../transfer/sources.ts'
import { SOURCE_KEY_VARIABLE, translateSettings } from '../transfer/wuzapi/environment.ts'
import { runCommand, say } from './command.ts'
import { openExisting } from './existing-installation.ts'
import { type Installation, openInstallation } from './installation.ts'

const USAGE = `npm run import -- ${Object.keys(sources).join('|')} --from <folder, file or postgres://...>
    [--env <its .env>] [--source-key <its encryption key>] [--dry-run] [--yes] [--stay]
    [--user <id or name>]... [--device <user>=<jid>]...

  --env         the .env of the source: its key is taken from there, and a .env for Parley is printed
  --source-key  opens what the source has encrypted; or set SOURCE_KEY
  --dry-run     reads and converts everything, says what would come, and writes nothing
  --yes         does not ask before it writes
  --stay        nobody connects by itself: you connect one after the other
  --user        only these
  --device      which device is meant where a number has several
  --files       the folder of what the source keeps beside its database (evolution: instances)`

interface Order extends SourceRequest {
  kind: string
  isTrial: boolean
  asks: boolean
  /** The text of the source's `.env`, '' for none. */
  env: string
  connects: boolean
  users: string[]
}

function readOrder(args: string[]): Order {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      env: { type: 'string' },
      'source-key': { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      stay: { type: 'boolean', default: false },
      user: { type: 'string', multiple: true, default: [] },
      device: { type: 'string', multiple: true, default: [] },
      files: { type: 'string', default: '' },
    },
  })
  const [kind = '', ...others] = positionals
  if (!Object.hasOwn(sources, kind) || others.length > 0)
    throw new Error(`say what to import from: ${Object.keys(sources).join(', ')}`)
  if (!values.from) throw new Error('say where it is: --from')
  const env = values.env === undefined ? '' : readFileSync(pathOf(values.env), 'utf8')
  return {
    kind,
    env,
    from: isServer(values.from) ? values.from : pathOf(values.from),
    key: values['source-key'] ?? process.env.SOURCE_KEY ?? parseEnv(env)[SOURCE_KEY_VARIABLE] ?? '',
    isTrial: values['dry-run'],
    asks: !values.yes && process.stdin.isTTY === true,
    connects: !values.stay,
    users: values.user,
    chosen: new Map(values.device.map(chosenDevice)),
    files: values.files && pathOf(values.files),
  }
}

/** Relative to where the command was given. */
function pathOf(path: string): string {
  return resolve(process.env.PARLEY_STARTED_IN ?? '.', path)
}

function chosenDevice(text: string): [string, string] {
  const at = text.lastIndexOf('=')
  if (at < 1) throw new Error('--device takes <user>=<jid>')
  return [text.slice(0, at), text.slice(at + 1)]
}

async function main(): Promise<void> {
  const order = readOrder(process.argv.slice(2))
  // What an import that was interrupted has copied.
  await sweepLeftovers()
  const open = sources[order.kind]
  if (!open) throw new Error('there is no such source')
  const source = await open(order)
  try {
    say(`${source.kind} at ${source.place}: ${source.accounts.length} users`)
    if (source.inUse) {
      if (!order.isTrial) throw new InstallationError(`${source.inUse}: stop it first, and keep it stopped`)
      say(`${source.inUse}: what it writes from now on is missing below`)
    }
    await run(source, order)
  } finally {
    await source.close()
  }
}

async function run(source: SourceServer, order: Order): Promise<void> {
  const accounts = wantedAccounts(source, order.users)
  const { customers = [] } = source
  const config = loadConfig(process.env)
  if (order.isTrial || order.asks) {
    if (customers.length > 0) say(`${customers.length} customers, with their keys`)
    const existing = await openExisting(config)
    const found = await take(existing, { source, accounts, order, isTrial: true }).finally(() =>
      existing?.close(),
    )
    sayStrays(source)
    if (order.isTrial) return finish(found, order)
    if (!(await isMeant())) throw new InstallationError('nothing was written')
  }
  const installation = await openInstallation(config)
  try {
    if (customers.length > 0) {
      const taken = await importCustomers(installation, customers)
      say(`${customers.length} customers: ${taken} imported, ${customers.length - taken} here already`)
    }
    const reports = await take(installation, { source, accounts, order, isTrial: false })
    sayStrays(source)
    await source.mark()
    finish(reports, order)
  } finally {
    await installation.close()
  }
}

function wantedAccounts({ accounts }: SourceServer, names: string[]): SourceAccount[] {
  if (names.length === 0) return accounts
  const unknown = names.find((name) => !accounts.some(({ user }) => user.id === name || user.name === name))
  if (unknown !== undefined) throw new InstallationError(`the source has no user ${unknown}`)
  return accounts.filter(({ user }) => names.includes(user.id) || names.includes(user.name))
}

async function take(
  target: Pick<Installation, 'db' | 'secrets'> | undefined,
  {
    source,
    accounts,
    order,
    isTrial,
  }: { source: SourceServer; accounts: SourceAccount[]; order: Order; isTrial: boolean },
): Promise<AccountReport[]> {
  const reports: AccountReport[] = []
  for (const account of accounts) {
    const report = await importAccount(target, account, {
      source: source.kind,
      isTrial,
      connects: order.connects,
    })
    reports.push(report)
    say(`[${reports.length}/${accounts.length}] ${describeAccount(report).join('\n')}`)
  }
  return reports
}

function sayStrays({ strayDevices }: SourceServer): void {
  for (const jid of strayDevices) say(`the device ${jid} belongs to no user and is left out`)
}

async function isMeant(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question('Write this? [y/N] ')
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}

function finish(reports: AccountReport[], { env }: Order): void {
  say(summarise(reports))
  if (reports.some(({ outcome }) => outcome === 'imported'))
    say('Keep the old server stopped, and start Parley: its phones connect without a scan.')
  if (reports.some(({ outcome }) => outcome === 'refused')) process.exitCode = 1
  if (env !== '') sayEnvironment(env)
}

function sayEnvironment(text: string): void {
  const known = new Set(configTable().flatMap(({ env }) => env))
  const { lines, unknown, unwritable } = translateSettings(text, known)
  say(['', 'For the .env of Parley (it holds secrets):', '', ...lines, ''].join('\n'))
  if (unwritable.length > 0) say(`To be set by other means: ${unwritable.join(', ')}`)
  if (unknown.length > 0) say(`Of no use here: ${unknown.join(', ')}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  runCommand(main, { failed: 'Nothing more was imported', usage: USAGE })
