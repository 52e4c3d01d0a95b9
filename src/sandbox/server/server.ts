import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { type BinaryNode, jidDecode } from '../../whatsapp/library/engine.ts'
import type { LinkedDevice } from '../peer/linked-device.ts'
import type { Network } from '../world/network.ts'
import { node } from '../world/node.ts'
import { Connection, type ConnectionHost } from './connection.ts'
import { createServerIdentity, type ServerIdentity } from './noise.ts'
import { PairingDesk } from './pairing.ts'
import { StanzaLog } from './stanza-log.ts'
import { foreignClient } from './visitors.ts'

// A client that asks again every few seconds must not meet a connection that is being closed just then.
const KEEP_ALIVE_MS = 65_000

/** This machine alone. */
export const DEFAULT_HOST = '127.0.0.1'

/** The endpoint clients connect to. It can be stopped and started again around the same world. */
export class WhatsAppServer implements ConnectionHost {
  readonly network: Network
  readonly identity: ServerIdentity
  readonly pairing: PairingDesk
  readonly stanzas = new StanzaLog()
  readonly #connections = new Set<Connection>()
  /** Connections of each device; more than one only while one takes the place of another. */
  readonly #byDevice = new Map<LinkedDevice, Set<Connection>>()
  readonly #logins = new Map<LinkedDevice, number>()
  readonly #replaced = new Map<LinkedDevice, number>()
  readonly #most = new Map<LinkedDevice, number>()
  #http: Server | undefined
  #host = DEFAULT_HOST
  #port = 0

  readonly #requests: RequestListener

  /** `requests` answers plain HTTP on the same port. */
  constructor(network: Network, requests: RequestListener, identity = createServerIdentity()) {
    this.network = network
    this.identity = identity
    this.#requests = requests
    this.pairing = new PairingDesk(network)
  }

  /** `ws://…/ws/chat`, the value for the client's `waWebSocketUrl`. */
  get url(): string {
    return `ws://${this.#host}:${this.#port}/ws/chat`
  }

  /** `http://host:port`, for whatever is not a WebSocket. */
  get httpUrl(): string {
    return `http://${this.#host}:${this.#port}`
  }

  /** Listens; a second start after a stop takes the same port again. */
  async start(options: { host?: string; port?: number } = {}): Promise<void> {
    this.#host = options.host ?? this.#host
    this.#port = options.port ?? this.#port
    const http = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, this.#requests)
    const sockets = new WebSocketServer({
      server: http,
      perMessageDeflate: false,
      verifyClient: ({ req }: { req: IncomingMessage }) => foreignClient(req.headers) === undefined,
    })
    // It repeats the errors of the HTTP server, which `start` reports.
    sockets.on('error', () => {})
    sockets.on('connection', (socket) => this.#connections.add(new Connection(socket, this)))
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject)
      http.listen(this.#port, this.#host, resolve)
    })
    // A listening TCP server's address is always an object.
    this.#port = (http.address() as AddressInfo).port
    this.#http = http
    this.network.pictureBase = this.httpUrl
  }

  /** Cuts every connection and stops listening; accounts, devices and queues stay. */
  async stop(): Promise<void> {
    const http = this.#http
    if (!http) return
    this.#http = undefined
    for (const connection of this.#connections) connection.destroy()
    const closed = new Promise((resolve) => http.close(resolve))
    http.closeAllConnections()
    await closed
  }

  loggedIn(connection: Connection, device: LinkedDevice): void {
    const earlier = [...(this.#byDevice.get(device) ?? [])]
    this.#byDevice.set(device, new Set([...earlier, connection]))
    this.#most.set(device, Math.max(this.#most.get(device) ?? 0, earlier.length + 1))
    this.#logins.set(device, (this.#logins.get(device) ?? 0) + 1)
    if (earlier.length > 0) this.#replaced.set(device, (this.#replaced.get(device) ?? 0) + 1)
    for (const replaced of earlier) {
      replaced.end(node('stream:error', {}, [node('conflict', { type: 'replaced' })]))
    }
  }

  over(connection: Connection): void {
    const { device } = connection
    const open = device && this.#byDevice.get(device)
    open?.delete(connection)
    if (device && open?.size === 0) this.#byDevice.delete(device)
  }

  closed(connection: Connection): void {
    this.#connections.delete(connection)
  }

  /** Open connections of the device (`…:7@s.whatsapp.net`), or of all devices of the account when no device is named. */
  connections(jid: string): number {
    return this.#connectionsOf(jid).length
  }

  /** How often the device, or any device of the account, has logged in. */
  logins(jid: string): number {
    let total = 0
    for (const [device, count] of this.#logins) if (this.#names(jid, device)) total += count
    return total
  }

  /** How often a device logged in while it was still connected, and how many connections it had at once at most. */
  overlaps(device: LinkedDevice): { replaced: number; mostConnections: number } {
    return { replaced: this.#replaced.get(device) ?? 0, mostConnections: this.#most.get(device) ?? 0 }
  }

  /** Cuts the connections without a word, as a network failure would. */
  drop(jid: string): void {
    for (const connection of this.#connectionsOf(jid)) connection.destroy()
  }

  /** Ends the connections with `<stream:error code>`. */
  streamError(jid: string, code: number, reason: BinaryNode[] = []): void {
    for (const connection of this.#connectionsOf(jid)) {
      connection.end(node('stream:error', { code }, reason))
    }
  }

  /** Removes a companion from its account, as the phone does under "linked devices". */
  unlink(device: LinkedDevice): void {
    this.network.removeDevice(device)
    device.removed()
  }

  #connectionsOf(jid: string): Connection[] {
    const found: Connection[] = []
    for (const [device, open] of this.#byDevice) if (this.#names(jid, device)) found.push(...open)
    return found
  }

  #names(jid: string, device: LinkedDevice): boolean {
    const id = jidDecode(jid)?.device
    return this.network.findAccount(jid) === device.account && (id === undefined || id === device.id)
  }
}
