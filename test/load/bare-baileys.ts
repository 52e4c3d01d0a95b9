/**
 * The yardstick of the benchmark: the unmodified library with keys in memory, in a process of its own.
 * Prints one JSON line: texts per second and latency from the call to the server's ack.
 *
 *   node --import tsx test/load/bare-baileys.ts <ws url> <control url> <sessions> <seconds> <contact phone>
 */
import makeSocket, {
  type AuthenticationState,
  initAuthCreds,
  type SignalDataTypeMap,
  type WASocket,
} from '@whiskeysockets/baileys'
import { call } from './client.ts'
import { round, spread } from './stats.ts'

const [url = '', control = '', sessions = '1', seconds = '5', contact = ''] = process.argv.slice(2)

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
console.info = () => {}
console.warn = () => {}

function memoryAuth(): AuthenticationState {
  const rows = new Map<string, unknown>()
  return {
    creds: initAuthCreds(),
    keys: {
      get: async <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) => {
        const found: Record<string, SignalDataTypeMap[T]> = {}
        for (const id of ids) {
          const value = rows.get(`${type}/${id}`)
          if (value) found[id] = value as SignalDataTypeMap[T]
        }
        return found
      },
      set: async (data) => {
        for (const [type, values] of Object.entries(data))
          for (const [id, value] of Object.entries(values ?? {})) rows.set(`${type}/${id}`, value)
      },
    },
  }
}

async function linked(index: number): Promise<WASocket> {
  const auth = memoryAuth()
  for (;;) {
    const socket = makeSocket({ auth, waWebSocketUrl: url, logger: silent, syncFullHistory: false })
    socket.ev.on('creds.update', (update) => Object.assign(auth.creds, update))
    const outcome = await new Promise<'open' | 'closed'>((resolve) => {
      socket.ev.on('connection.update', (update) => {
        if (update.qr) void scan(update.qr, index)
        if (update.connection === 'open') resolve('open')
        if (update.connection === 'close') resolve('closed')
      })
    })
    if (outcome === 'open') return socket
  }
}

let scanned = new Set<string>()
async function scan(qr: string, index: number): Promise<void> {
  if (scanned.has(qr)) return
  scanned = scanned.add(qr)
  await call(`${control}/sandbox/scan`, {
    body: { qr, phone: `4479${String(index).padStart(8, '0')}`, name: `Bare ${index}` },
  })
}

async function send(socket: WASocket, text: string): Promise<void> {
  const id = `3EB0${crypto.randomUUID().replaceAll('-', '').slice(0, 18).toUpperCase()}`
  const ack = socket.waitForMessage(id, 15_000)
  await socket.sendMessage(`${contact}@s.whatsapp.net`, { text }, { messageId: id })
  if (!(await ack)) throw new Error('no ack')
}

const sockets: WASocket[] = []
for (let i = 0; i < Number(sessions); i++) sockets.push(await linked(i))
for (const socket of sockets) await send(socket, 'warm up')

const latencies: number[] = []
const start = performance.now()
const end = start + Number(seconds) * 1000
await Promise.all(
  sockets.map(async (socket) => {
    while (performance.now() < end) {
      const begun = performance.now()
      await send(socket, 'a text of ordinary length, like people write them')
      latencies.push(performance.now() - begun)
    }
  }),
)
const elapsed = (performance.now() - start) / 1000
process.stdout.write(
  `${JSON.stringify({ perSecond: round(latencies.length / elapsed), ...spread(latencies) })}\n`,
)
process.exit(0)
