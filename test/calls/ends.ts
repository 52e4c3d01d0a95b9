import { pino } from 'pino'
import type { CallRelay as Relay } from '../../src/calls/relay-link.ts'
import { openRelayLinks, type RelayLinks } from '../../src/calls/relay-links.ts'
import { writeStreams } from '../../src/calls/stun.ts'
import type { CallGrants, CallRelay } from '../../src/sandbox/calls/call-relay.ts'
import { callId } from './call-values.ts'

export const quiet = pino({ level: 'silent' })

/** What the service would tell a device of the relays. */
export function relaysFor(relay: CallRelay, grants: CallGrants, jid: string): Relay[] {
  const token = grants.tokens.get(jid) ?? Buffer.alloc(0)
  return relay.sites.map(({ name, address, port }) => ({ name, address, port, token }))
}

/** One end of a call as far as its relays go, and what it hears. */
export interface End {
  links: RelayLinks
  heard: Buffer[]
  /** Names of the states of its links, in the order of the relays. */
  states(): string[]
}

/** Connects a device to the relays; `overrides` replaces what the service told it. */
export async function openEnd(
  relay: CallRelay,
  jid: string,
  overrides: { relays?: Relay[]; key?: string } = {},
): Promise<End> {
  const grants = relay.open(callId, [jid])
  const heard: Buffer[] = []
  const links = await openRelayLinks({
    relays: overrides.relays ?? relaysFor(relay, grants, jid),
    key: overrides.key ?? grants.key,
    streams: writeStreams(callId, jid),
    log: quiet,
    onMedia: (packet) => heard.push(packet),
    onState: () => {},
  })
  return { links, heard, states: () => links.states().map(({ state }) => state.name) }
}
