import type { ZodType } from 'zod'
import { Peer } from '../peer/peer.ts'
import type { WhatsAppServer } from '../server/server.ts'
import type { Account } from '../world/account.ts'
import type { Network } from '../world/network.ts'

/** The parts of a sandbox that its control plane works on. */
export interface ControlledSandbox {
  readonly network: Network
  readonly server: WhatsAppServer
  /** Public root key of the certificates the sandbox shows to clients. */
  readonly rootKey: Uint8Array
}

/** What the surroundings of a sandbox add to its control plane. */
export interface ControlOptions {
  /**
   * The QR text of the companion that has been waiting longest, where the companions are at hand. The sandbox itself
   * knows it only for companions with an empty secret (see `PairingDesk.waitingQr`).
   */
  waitingQr?: () => string | undefined
}

/** One call of the control plane. */
export interface ControlCall<Body> extends ControlledSandbox {
  options: ControlOptions
  /** Values of the path's `:name` parts. */
  params: Record<string, string>
  body: Body
}

/** An entry of the control plane; the body is JSON unless `text` says it is taken as it stands. */
export interface ControlRoute {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  text?: boolean
  /** Checks the body and does the work; the result is sent as JSON, bytes as they are. */
  run(call: ControlCall<unknown>): Promise<unknown>
}

/** A failure with an HTTP status of its own; any other error of a route counts as the caller's (400). */
export class ControlError extends Error {
  readonly status: number

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

/** An answer with a status of its own. */
export class ControlReply {
  readonly status: number
  readonly body: unknown

  constructor(status: number, body: unknown) {
    this.status = status
    this.body = body
  }
}

/** Declares an entry without a body. */
export function get(path: string, run: (call: ControlCall<undefined>) => unknown): ControlRoute {
  return { method: 'GET', path, run: async (call) => run({ ...call, body: undefined }) }
}

/** Declares an entry with a JSON body of that shape. */
export function post<Body>(
  path: string,
  schema: ZodType<Body>,
  run: (call: ControlCall<Body>) => unknown,
): ControlRoute {
  return { method: 'POST', path, run: async (call) => run({ ...call, body: schema.parse(call.body ?? {}) }) }
}

/** The simulated phone with that number. */
export function phoneOf(network: Network, phone: string): Peer {
  const device = network.findAccount(phone)?.devices.get(0)
  if (!(device instanceof Peer)) throw new ControlError(404, `there is no contact ${phone}`)
  return device
}

/** The account with that number, made if there is none; a name is set when given. */
export function accountFor(network: Network, phone: string, name: string | undefined): Account {
  const digits = phone.replace(/@.*$/, '').replace(/\D/g, '')
  if (digits.length < 5 || digits.length > 15) throw new ControlError(400, `${phone} is not a phone number`)
  const account = network.createAccount({ phone: digits, name: name ?? digits })
  if (name !== undefined) account.name = name
  return account
}
