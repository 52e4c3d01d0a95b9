import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { LinkedDevice } from '../peer/linked-device.ts'
import type { Account } from '../world/account.ts'
import { phoneForName } from '../world/phone-number.ts'
import {
  accountFor,
  type ControlCall,
  ControlError,
  type ControlledSandbox,
  ControlReply,
  type ControlRoute,
  get,
  post,
} from './route.ts'

/** Which companion: the one showing that code, or the one waiting longest. */
const waiting = { qr: z.string().optional() }

const codeRotation = z.object({
  ...waiting,
  form: z.enum(['companion_reg_refresh', 'pair-device-rotate-qr']).default('companion_reg_refresh'),
})

const passkeyRequest = z.object({
  ...waiting,
  /** The WebAuthn request, if not the usual one. */
  options: z.record(z.string(), z.unknown()).optional(),
  /** Whether the notification holds it; otherwise the companion has to ask. */
  embed: z.boolean().default(true),
  /** Who asks, if not the service: companions take no notice of that. */
  from: z.string().optional(),
})

/** Linking companions to phones, and undoing it. */
export const linkingRoutes: ControlRoute[] = [
  // Raw bytes: a server that joins hands them to the library as they are.
  get('/root-key', ({ rootKey }) => rootKey),
  {
    method: 'POST',
    path: '/admin/mock-phone/scan-qr',
    text: true,
    run: async (call) => scan(call, z.string().min(1).parse(call.body), {}),
  },
  post(
    '/sandbox/scan',
    z.object({ qr: z.string(), phone: z.string(), name: z.string(), wait: z.boolean() }).partial(),
    async (call) => {
      const qr = call.body.qr ?? call.options.waitingQr?.() ?? call.server.pairing.waitingQr()
      if (!qr) throw new ControlError(400, 'no companion is waiting')
      return scan(call, qr, call.body)
    },
  ),
  post(
    '/sandbox/pair-code',
    z.object({
      phone: z.string(),
      code: z.string(),
      name: z.string().optional(),
      wait: z.boolean().optional(),
    }),
    async ({ network, server, body }) => {
      const account = accountFor(network, body.phone, body.name)
      return linkedOrAsked(account, () => server.pairing.enterCode(account, body.code), body)
    },
  ),
  post('/sandbox/rotate-code', codeRotation, ({ server, body }) => {
    server.pairing.rotateCode(body.form, body.qr)
    return {}
  }),
  post('/sandbox/passkey-request', passkeyRequest, ({ server, body }) => {
    server.pairing.requestPasskey(body)
    return {}
  }),
  post('/sandbox/unlink', z.object({ jid: z.string() }), (call) => {
    const devices = linkedDevices(call, call.body.jid)
    for (const device of devices) call.server.unlink(device)
    return { unlinked: devices.map(({ jid }) => jid) }
  }),
]

async function scan(
  { network, server }: ControlCall<unknown>,
  qr: string,
  owner: { phone?: string; name?: string; wait?: boolean },
): Promise<unknown> {
  const pushName = owner.name ?? server.pairing.pushNameOf(qr)
  const phone = owner.phone ?? phoneForName(pushName ?? randomUUID())
  const account = accountFor(network, phone, pushName)
  return linkedOrAsked(account, () => server.pairing.scan(account, qr), owner)
}

/**
 * The addresses of the new device; or, where a passkey is demanded, 202 as soon as the companion is asked for it, since a
 * script can do its part only then. With `wait` it is the addresses in any case.
 */
async function linkedOrAsked(
  account: Account,
  link: () => Promise<LinkedDevice>,
  { wait }: { wait?: boolean },
): Promise<unknown> {
  const { passkey } = account
  if (wait || !passkey?.demand) return addresses(await link())
  const asked = passkey.nextCeremony()
  const linked = link().then(addresses)
  // What becomes of it after the answer is told at the account.
  linked.catch(() => undefined)
  return Promise.race([linked, asked.then(() => new ControlReply(202, { passkey: 'required' }))])
}

function addresses({ account, id }: { account: Account; id: number }): { jid: string; lid: string } {
  return { jid: account.jid(id), lid: account.lidJid(id) }
}

/** The companion a JID names, or all companions of the account when it names no device. */
export function linkedDevices({ network }: ControlledSandbox, jid: string): LinkedDevice[] {
  const account = network.findAccount(jid)
  const all = [...(account?.devices.values() ?? [])].filter((device) => device instanceof LinkedDevice)
  const named = all.filter((device) => device.jid === jid || account?.lidJid(device.id) === jid)
  const found = named.length > 0 || jid.includes(':') ? named : all
  if (found.length === 0) throw new ControlError(404, `${jid} has no linked device`)
  return found
}
