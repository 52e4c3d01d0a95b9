/**
 * The library as it is published, in a process of its own: nothing here may import the repairs. Keys are kept in
 * memory; orders come over the process channel (`BareClient` gives them), and what the library tells goes back there.
 *
 *   bare-process.ts <ws url> <longest pause of the key store in milliseconds>
 */
import { setTimeout as delay } from 'node:timers/promises'
import makeWASocket, {
  BufferJSON,
  downloadMediaMessage,
  initAuthCreds,
  type SignalDataSet,
  type SignalDataTypeMap,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys'
import { clientOptions } from '../../../src/sandbox/server/client-options.ts'
import type { Order, Told } from './bare-client.ts'

const [url = '', pauseMs = '0'] = process.argv.slice(2)

const silent = {
  level: 'silent',
  child: () => silent,
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
}
// The library prints private keys when it closes a session.
for (const level of ['log', 'info', 'warn', 'error'] as const) console[level] = () => {}

const creds = initAuthCreds()
const rows = new Map<string, string>()
const received = new Map<string, WAMessage>()
let socket: WASocket
let notes = 0
let lookupsToFail = 0

const keys = {
  async get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
    await pause()
    if (lookupsToFail-- > 0) throw new Error('the database does not answer')
    const found: Record<string, SignalDataTypeMap[T]> = {}
    for (const id of ids) {
      const stored = rows.get(`${type} ${id}`)
      if (stored !== undefined) found[id] = JSON.parse(stored, BufferJSON.reviver)
    }
    return found
  },
  async set(data: SignalDataSet) {
    await pause()
    for (const [type, values] of Object.entries(data)) {
      for (const [id, value] of Object.entries(values ?? {})) {
        if (value === null) rows.delete(`${type} ${id}`)
        else rows.set(`${type} ${id}`, JSON.stringify(value, BufferJSON.replacer))
      }
    }
  },
}

function pause(): Promise<void> | undefined {
  return Number(pauseMs) > 0 ? delay(Math.random() * Number(pauseMs)) : undefined
}

/** Opens a socket with the same credentials as before; resolves with how that ended. */
function connect(): Promise<'open' | 'close'> {
  const opened = makeWASocket({
    ...clientOptions(url),
    // Tests do not wait a minute for what is never answered.
    defaultQueryTimeoutMs: 10_000,
    logger: silent,
    auth: { creds, keys },
  })
  socket = opened
  opened.ev.on('creds.update', (update) => Object.assign(creds, update))
  opened.ev.on('messages.upsert', ({ type, messages }) => {
    for (const message of messages) if (message.key.id) received.set(message.key.id, message)
    tell({ event: 'upsert', type, messages: messages.map(plain) })
  })
  opened.ev.on('messages.update', (updates) => {
    tell({
      event: 'update',
      updates: updates.map(({ key, update }) => ({ id: key.id ?? '', update: JSON.stringify(update) })),
    })
  })
  opened.ev.on('chats.update', async () => {
    const isInTransaction = opened.authState.keys.isInTransaction()
    notes += 1
    const note = `note-${notes}`
    // What a program does that keeps something of its own beside the keys.
    await delay(50)
    await opened.authState.keys.set({ 'sender-key-memory': { [note]: {} } })
    tell({ event: 'handled', note, isInTransaction })
  })
  return new Promise((resolve) => {
    opened.ev.on('connection.update', ({ qr, connection }) => {
      if (qr) tell({ event: 'qr', qr })
      if (connection === 'open' || connection === 'close') resolve(connection)
    })
  })
}

const orders: { [Name in Order['order']]: (order: Extract<Order, { order: Name }>) => Promise<unknown> } = {
  async connect() {
    // After a phone was linked the server asks for a new connection.
    while ((await connect()) === 'close') await delay(50)
    return creds.me?.id
  },
  async close() {
    await socket.end(undefined)
  },
  async send({ to, content }) {
    // Contents are those of the library, as JSON.
    const sent = await socket.sendMessage(to, content as { text: string })
    return sent?.key.id
  },
  async rekey({ jid }) {
    await socket.assertSessions([jid], true)
  },
  async size({ kind }) {
    const sizes = [...rows].filter(([name]) => name.startsWith(`${kind} `)).map(([, value]) => value.length)
    return Math.max(0, ...sizes)
  },
  async names({ kind }) {
    return [...rows.keys()].filter((name) => name.startsWith(`${kind} `))
  },
  async forget({ name }) {
    rows.delete(name)
  },
  async failLookups({ times }) {
    lookupsToFail = times
  },
  async archive({ jid }) {
    await socket.chatModify({ archive: true, lastMessages: [] }, jid)
  },
  async download({ id }) {
    const message = received.get(id)
    if (!message) throw new Error(`there is no message ${id}`)
    const file = await downloadMediaMessage(message, 'buffer', { options: clientOptions(url).options })
    return file.toString('base64')
  },
}

process.on('message', (given: { number: number } & Order) => {
  // The table has one entry for each kind of order, which the compiler cannot match with its argument.
  const carryOut = orders[given.order] as (order: Order) => Promise<unknown>
  carryOut(given).then(
    (result) => tell({ event: 'done', number: given.number, result }),
    (error: unknown) => tell({ event: 'failed', number: given.number, reason: String(error) }),
  )
})
tell({ event: 'ready' })

function tell(told: Told): void {
  process.send?.(told)
}

function plain({ key, message, messageStubType, messageStubParameters }: WAMessage) {
  return {
    id: key.id ?? '',
    fromMe: key.fromMe ?? false,
    text: message?.conversation ?? message?.extendedTextMessage?.text ?? '',
    stub: messageStubType ? (messageStubParameters?.[0] ?? 'stub') : '',
  }
}
