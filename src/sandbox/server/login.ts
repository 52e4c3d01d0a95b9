import { LinkedDevice } from '../peer/linked-device.ts'
import type { Account, Device } from '../world/account.ts'
import type { Network } from '../world/network.ts'
import { type Attributes, unixSeconds } from '../world/node.ts'

/** Reasons of `<failure>`. */
const LOGGED_OUT = 401
const TEMPORARILY_BANNED = 402
/** What the service says with a temporary ban: too many messages to people who do not know the sender, for a day. */
const USUAL_BAN = { code: 101, expire: 24 * 3600 }

/** Who wants to come in. */
export interface Login {
  account: Account | undefined
  device: Device | undefined
  noiseKey: Uint8Array
}

/** Why the service does not let a device in, as attributes of `<failure>`; undefined when it does. */
export function loginFailure(network: Network, login: Login): Attributes | undefined {
  const { account, device, noiseKey } = login
  const injected = network.faults.take('refuse-login', account)
  if (injected) return describe(injected.reason, injected.attributes)

  const isKnown = device instanceof LinkedDevice && Buffer.compare(device.noiseKey, noiseKey) === 0
  if (!isKnown) return describe(LOGGED_OUT)
  return account && banned(account)
}

/** A ban ends by itself: the service says how many seconds are left. */
function banned({ ban }: Account): Attributes | undefined {
  const expire = ban ? ban.until - unixSeconds() : 0
  return ban && expire > 0 ? describe(TEMPORARILY_BANNED, { code: ban.code, expire }) : undefined
}

function describe(reason: number, attributes: Attributes = {}): Attributes {
  const usual = reason === TEMPORARILY_BANNED ? USUAL_BAN : {}
  return { reason, location: 'sandbox', ...usual, ...attributes }
}
