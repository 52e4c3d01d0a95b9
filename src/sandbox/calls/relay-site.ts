import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { type RelayClient, type RelayLibraries, relayClient, relayLibraries } from './relay-client.ts'
import {
  ALLOCATE,
  ALLOCATED,
  answer,
  askWhetherThere,
  BOUND,
  codeOfRefusal,
  isBound,
  NOT_ALLOCATED,
  PING,
  PONG,
  type Question,
  readQuestion,
  tokenIn,
} from './relay-stun.ts'

/** One relay. */
export interface RelaySite {
  readonly name: string
  readonly address: string
  readonly port: number
  /** What goes wrong; may be changed at any time. */
  faults: SiteFaults
  readonly counts: SiteCounts
  /** Who has a place, by device JID. */
  places(): string[]
  /** Forgets every place, as a relay that was told to; who asks again gets one. */
  forgetPlaces(): void
  /** Forgets every connection, as a relay that was restarted: nobody is answered who does not connect anew. */
  forgetConnections(): void
  /** Puts the devices of a call out. */
  dismiss(callId: string): void
  stop(): Promise<void>
}

export interface SiteFaults {
  /** Share of the datagrams that are lost, in each direction. */
  loss?: number
  /** Share of the datagrams that come 100 ms later than they should. */
  late?: number
  /** Device JIDs to which no media comes. */
  deaf?: readonly string[]
  /** Says nothing at all. */
  isDead?: boolean
}

export interface SiteCounts {
  allocates: number
  /** By code. */
  refusals: Record<number, number>
  /** Media packets that went on to the other end. */
  forwarded: number
  /** Clients that did not answer when they were asked whether they are there. */
  absent: number
}

/** What a token stands for. */
export interface SiteGrant {
  callId: string
  device: string
  key: string
}

interface SiteOptions {
  name: string
  host: string
  faults?: SiteFaults
  /** By the token's hexadecimal digits. */
  grantOf: (token: string) => SiteGrant | undefined
}

interface Place {
  grant: SiteGrant
  askedAt: number
  /** When it last answered that it is there. */
  answeredAt: number
  questions: Set<string>
}

/** Whoever has not asked for so long has lost the place. */
const FORGETS_AFTER_MS = 4_000
const ASKS_EVERY_MS = 2_000
/** Whoever has not answered for so long is out, whatever else it sends. */
const ABSENT_AFTER_MS = 6_000
const LATE_BY_MS = 100
const LOOKS_EVERY_MS = 250

/** Opens a relay on a free port. */
export async function openRelaySite({ name, host, faults = {}, grantOf }: SiteOptions): Promise<RelaySite> {
  const libraries: RelayLibraries = await relayLibraries()
  const socket = createSocket('udp4')
  socket.bind(0, host)
  await once(socket, 'listening')
  /** By address and port. */
  const clients = new Map<string, RelayClient>()
  const places = new Map<RelayClient, Place>()
  const random = seededRandom()
  const timers = new Set<NodeJS.Timeout>()
  let isStopped = false
  let lastRound = performance.now()

  const site: RelaySite = {
    name,
    address: host,
    port: socket.address().port,
    faults,
    counts: { allocates: 0, refusals: {}, forwarded: 0, absent: 0 },
    places: () => [...places.values()].map(({ grant }) => grant.device),
    forgetPlaces: () => places.clear(),
    forgetConnections() {
      places.clear()
      for (const client of clients.values()) client.close()
      clients.clear()
    },
    dismiss(callId) {
      for (const [client, { grant }] of places) if (grant.callId === callId) places.delete(client)
    },
    async stop() {
      isStopped = true
      clearInterval(watch)
      for (const timer of timers) clearTimeout(timer)
      site.forgetConnections()
      socket.close()
      await once(socket, 'close')
    },
  }

  /** Does something with a datagram that travels: now, later, or never. */
  function travel(arrive: () => void): void {
    if (site.faults.isDead || random() < (site.faults.loss ?? 0)) return
    if (random() >= (site.faults.late ?? 0)) {
      arrive()
      return
    }
    const timer = setTimeout(() => {
      timers.delete(timer)
      arrive()
    }, LATE_BY_MS)
    timers.add(timer)
  }

  function clientAt(from: RemoteInfo): RelayClient {
    const where = `${from.address}:${from.port}`
    const known = clients.get(where)
    if (known !== undefined) return known
    const made = relayClient(libraries, {
      send: (datagram) => travel(() => isStopped || socket.send(datagram, from.port, from.address)),
      onMessage: (message) => hear(made, message),
    })
    clients.set(where, made)
    return made
  }

  function hear(client: RelayClient, message: Buffer): void {
    if ((message[0] ?? 0xff) < 0x40) {
      const question = readQuestion(message)
      if (question !== undefined) hearQuestion(client, message, question)
    } else passOn(client, message)
  }

  function hearQuestion(client: RelayClient, message: Buffer, question: Question): void {
    if (question.type === PING) client.send(answer(PONG, question.id))
    else if (question.type === ALLOCATE) allocate(client, message, question)
    else if (question.type === BOUND) {
      const place = places.get(client)
      const isAnswer = place?.questions.delete(question.id.toString('hex'))
      if (place && isAnswer && isBound(message, question, place.grant.key))
        place.answeredAt = performance.now()
    }
  }

  function allocate(client: RelayClient, message: Buffer, question: Question): void {
    site.counts.allocates++
    const grant = grantOf(tokenIn(question)?.toString('hex') ?? '')
    const code = codeOfRefusal(message, question, grant?.key)
    if (code !== undefined || grant === undefined) {
      const refusal = code ?? 450
      site.counts.refusals[refusal] = (site.counts.refusals[refusal] ?? 0) + 1
      client.send(answer(NOT_ALLOCATED, question.id, refusal))
      return
    }
    const now = performance.now()
    const place = places.get(client) ?? { grant, askedAt: now, answeredAt: now, questions: new Set() }
    place.askedAt = now
    places.set(client, place)
    client.send(answer(ALLOCATED, question.id))
  }

  /** To the other devices of the same call, and to nobody else. */
  function passOn(client: RelayClient, message: Buffer): void {
    const from = places.get(client)?.grant
    if (from === undefined) return
    for (const [other, { grant }] of places) {
      if (grant.callId !== from.callId || grant.device === from.device) continue
      if (site.faults.deaf?.includes(grant.device)) continue
      site.counts.forwarded++
      other.send(message)
    }
  }

  const watch = setInterval(() => {
    const now = performance.now()
    const asks = now - lastRound >= ASKS_EVERY_MS
    if (asks) lastRound = now
    for (const [client, place] of places) {
      if (now - place.answeredAt > ABSENT_AFTER_MS) {
        site.counts.absent++
        places.delete(client)
      } else if (now - place.askedAt > FORGETS_AFTER_MS) places.delete(client)
      else if (asks) {
        const { id, packet } = askWhetherThere()
        place.questions.add(id.toString('hex'))
        client.send(packet)
      }
    }
  }, LOOKS_EVERY_MS)

  socket.on('message', (datagram, from) => travel(() => isStopped || clientAt(from).receive(datagram)))
  return site
}

/** The same numbers each time, so that a test that fails can be looked at. */
function seededRandom(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
