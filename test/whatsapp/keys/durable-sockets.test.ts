import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { clientOptions } from '../../../src/sandbox/server/client-options.ts'
import { decryptPlaintext, pendingInbox } from '../../../src/store/messages/inbox.ts'
import { insertUser } from '../../../src/store/users/users.ts'
import { type AuthState, openAuthState } from '../../../src/whatsapp/keys/auth-state.ts'
import {
  type ConnectionState,
  makeWASocket,
  proto,
  type SocketConfig,
  WA_CERT_DETAILS,
  type WASocket,
} from '../../../src/whatsapp/library/engine.ts'
import { sampleUser } from '../../helpers/users.ts'
import { type DeviceHost, deviceHost } from './signal-device.ts'

/** A linked client whose keys and messages are in the database. */
interface Client {
  userId: string
  auth: AuthState
  socket: WASocket
}

const annPhone = '551199000001'
const benPhone = '551199000002'
const patience = { timeout: 15_000 }
let host: DeviceHost
let sandbox: Sandbox
let ann: Client
let ben: Client

beforeAll(async () => {
  host = await deviceHost()
  sandbox = await startSandbox()
  WA_CERT_DETAILS.PUBLIC_KEY = sandbox.rootKey
  ann = await link(annPhone)
  ben = await link(benPhone)
})

afterAll(async () => {
  await Promise.all([ann, ben].map(({ socket }) => socket.end(undefined)))
  await sandbox.stop()
  await host.writer.idle()
  await host.temporary.close()
})

test('two clients that write to each other at the same time read every message, once', async () => {
  const [toBen, toAnn] = [numbered('to ben', 40), numbered('to ann', 40)]

  await Promise.all([
    ...toBen.map((text) => ann.socket.sendMessage(`${benPhone}@s.whatsapp.net`, { text })),
    ...toAnn.map((text) => ben.socket.sendMessage(`${annPhone}@s.whatsapp.net`, { text })),
  ])

  await expect.poll(() => texts(ben, 'to ben'), patience).toEqual(toBen)
  await expect.poll(() => texts(ann, 'to ann'), patience).toEqual(toAnn)
})

test('a message whose receipt was lost in a crash is acknowledged after the restart and is there once', async () => {
  loseOutgoing(ben.socket)
  const sent = await ann.socket.sendMessage(`${benPhone}@s.whatsapp.net`, { text: 'before the crash' })
  const id = sent?.key.id
  await expect.poll(() => texts(ben, 'before'), patience).toEqual(['before the crash'])

  await ben.socket.end(undefined)
  const upserts: string[] = []
  ben = await reopened(ben, (text) => upserts.push(text))

  await expect.poll(() => upserts, patience).toEqual(['before the crash'])
  expect(await texts(ben, 'before')).toEqual(['before the crash'])
  await sandbox.server.stanzas.find(
    ({ direction, device, stanza }) =>
      direction === 'from-client' &&
      device === jidOf(ben) &&
      stanza.tag === 'receipt' &&
      stanza.attrs.id === id,
  )
})

async function link(phone: string): Promise<Client> {
  const user = sampleUser()
  await insertUser(host.db, host.secrets, user)
  const auth = await openAuthState(host, user.id)
  const first = connect(auth)
  const { qr } = await update(first, ({ qr }) => qr !== undefined)
  const account = sandbox.network.createAccount({ phone, name: phone })
  const closed = update(first, ({ connection }) => connection === 'close')
  await sandbox.server.pairing.scan(account, qr ?? '')
  await closed
  const socket = connect(auth)
  await update(socket, ({ connection }) => connection === 'open')
  return { userId: user.id, auth, socket }
}

/** The client as a new process finds it: nothing in memory, everything from the database. */
async function reopened(client: Client, onText: (text: string) => void): Promise<Client> {
  const auth = await openAuthState(host, client.userId)
  const socket = connect(auth)
  socket.ev.on('messages.upsert', ({ messages }) => {
    for (const { message } of messages) onText(textOf(message) ?? '')
  })
  await update(socket, ({ connection }) => connection === 'open')
  return { ...client, auth, socket }
}

function connect(auth: AuthState): WASocket {
  const socket = makeWASocket({
    ...clientOptions(sandbox.url),
    // The library takes a logger with looser argument types than pino's.
    logger: host.log as unknown as SocketConfig['logger'],
    auth: auth.state,
    makeSignalRepository: auth.makeSignalRepository,
  })
  socket.ws.prependListener('CB:message', auth.noteOrigin)
  socket.ev.on('creds.update', () => void auth.saveCreds())
  return socket
}

function update(
  socket: WASocket,
  isWanted: (state: Partial<ConnectionState>) => boolean,
): Promise<Partial<ConnectionState>> {
  return new Promise((resolve) => {
    socket.ev.on('connection.update', (state) => {
      if (isWanted(state)) resolve(state)
    })
  })
}

/** The process still runs, but nothing it says reaches the server any more. */
function loseOutgoing(socket: WASocket): void {
  // The underlying WebSocket is a public member the library's types leave out.
  const raw = (socket.ws as unknown as { socket: { send: (...call: unknown[]) => void } }).socket
  raw.send = (...call) => {
    const done = call.at(-1)
    if (typeof done === 'function') done()
  }
}

function jidOf(client: Client): string | undefined {
  return client.auth.state.creds.me?.id
}

/** What the inbox of a client holds, in order, of the texts that begin so. */
async function texts(client: Client, prefix: string): Promise<string[]> {
  const rows = await pendingInbox(host.db, { limit: 500, users: [client.userId] })
  return rows
    .map((row) => textOf(proto.Message.decode(decryptPlaintext(host.secrets, row.sealedPlaintext))) ?? '')
    .filter((text) => text.startsWith(prefix))
}

function textOf(message: proto.IMessage | null | undefined): string | undefined {
  return message?.conversation ?? message?.extendedTextMessage?.text ?? undefined
}

function numbered(text: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${text} ${index}`)
}
