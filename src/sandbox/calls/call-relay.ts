import { randomBytes } from 'node:crypto'
import { DEFAULT_HOST } from '../server/server.ts'
import { openRelaySite, type RelaySite, type SiteFaults, type SiteGrant } from './relay-site.ts'

/** The service's relays for calls: one UDP port each, on which clients speak DTLS and SCTP. */
export interface CallRelay {
  /** The relays; a call has a place on each. */
  readonly sites: readonly RelaySite[]
  /** Lets the devices of a call in, by their JIDs. The same call again lets in more of them. */
  open(callId: string, devices: readonly string[]): CallGrants
  /** Nobody of this call is let in any more, and whoever is in is out. */
  end(callId: string): void
  stop(): Promise<void>
}

/** What a call's devices are told, each its own. */
export interface CallGrants {
  /** The relay key; its text is the key. */
  key: string
  /** By device JID. */
  tokens: ReadonlyMap<string, Buffer>
}

export interface CallRelayOptions {
  host?: string
  /** How many there are. */
  sites?: number
  /** What goes wrong on each from the start. */
  faults?: SiteFaults
}

const TOKEN_BYTES = 70
const KEY_BYTES = 16

/** Starts relays on free ports of this machine. */
export async function startCallRelay(options: CallRelayOptions = {}): Promise<CallRelay> {
  const { host = DEFAULT_HOST, sites: count = 1, faults } = options
  /** By call. */
  const calls = new Map<string, { key: string; tokens: Map<string, Buffer> }>()
  /** By token, as hexadecimal digits. */
  const grants = new Map<string, SiteGrant>()
  const sites = await Promise.all(
    Array.from({ length: count }, (_, at) =>
      openRelaySite({ name: `relay${at + 1}`, host, faults, grantOf: (token) => grants.get(token) }),
    ),
  )
  return {
    sites,
    open(callId, devices) {
      const call = calls.get(callId) ?? { key: randomBytes(KEY_BYTES).toString('base64'), tokens: new Map() }
      calls.set(callId, call)
      for (const device of devices) {
        if (call.tokens.has(device)) continue
        const token = randomBytes(TOKEN_BYTES)
        call.tokens.set(device, token)
        grants.set(token.toString('hex'), { callId, device, key: call.key })
      }
      return call
    },
    end(callId) {
      for (const token of calls.get(callId)?.tokens.values() ?? []) grants.delete(token.toString('hex'))
      calls.delete(callId)
      for (const site of sites) site.dismiss(callId)
    },
    async stop() {
      await Promise.all(sites.map((site) => site.stop()))
    },
  }
}
