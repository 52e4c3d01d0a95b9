import { isIPv4 } from 'node:net'
import type { Logger } from '../lib/process/logger.ts'
import { newChannelCertificate } from './relay-channel.ts'
import { type CallRelay, RelayLink, type RelayState } from './relay-link.ts'

/** Every relay of a call at once. */
export interface RelayLinks {
  /** Sends a packet over all of them. */
  send(packet: Buffer): void
  /** What each does at the moment, in the order they were given; `dropped` counts packets it had no room for. */
  states(): { relay: CallRelay; state: RelayState; dropped: number }[]
  close(): void
}

export interface LinksOptions {
  relays: readonly CallRelay[]
  /** The text the relay key came as; its bytes are the key. */
  key: string
  /** What `writeStreams` gives. */
  streams: Buffer
  log: Pick<Logger, 'debug' | 'info'>
  /** RTP or RTCP; the same packet may come from several relays. */
  onMedia: (packet: Buffer) => void
  onState: (relay: CallRelay, state: RelayState) => void
}

/** Each packet goes to every relay, so that there is a limit. */
const MAX_RELAYS = 4

/**
 * Connects to the relays of a call, to the first four that can be used. Phones change relays during a call, and those
 * that held to one heard nothing any more: so everything goes to all, and is taken from any.
 */
export async function openRelayLinks(options: LinksOptions): Promise<RelayLinks> {
  const { key, streams, log, onMedia, onState } = options
  const certificate = await newChannelCertificate()
  const links = usable(options.relays).map(
    (relay) =>
      new RelayLink({
        relay,
        key,
        streams,
        certificate,
        log,
        onMedia,
        onState: (state) => onState(relay, state),
      }),
  )
  for (const link of links) link.start()
  return {
    send(packet) {
      for (const link of links) link.send(packet)
    },
    states: () => links.map(({ relay, state, dropped }) => ({ relay, state, dropped })),
    close() {
      for (const link of links) link.close()
    },
  }
}

function usable(relays: readonly CallRelay[]): CallRelay[] {
  const byPlace = new Map<string, CallRelay>()
  for (const relay of relays) {
    const isAddress = isIPv4(relay.address) && relay.port > 0 && relay.port <= 65_535
    const place = `${relay.address}:${relay.port}`
    if (isAddress && !byPlace.has(place)) byPlace.set(place, relay)
  }
  return [...byPlace.values()].slice(0, MAX_RELAYS)
}
