import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { type CallRelay, type CallRelayOptions, startCallRelay } from '../../src/sandbox/calls/call-relay.ts'
import { A, B, callId } from './call-values.ts'
import { type End, openEnd, relaysFor } from './ends.ts'

const open: { stop(): unknown }[] = []

afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.stop()
})

async function startRelay(options?: CallRelayOptions): Promise<CallRelay> {
  const relay = await startCallRelay(options)
  open.push(relay)
  return relay
}

async function connect(
  relay: CallRelay,
  jid: string,
  overrides?: Parameters<typeof openEnd>[2],
): Promise<End> {
  const end = await openEnd(relay, jid, overrides)
  open.push({ stop: () => end.links.close() })
  return end
}

async function connectBoth(relay: CallRelay): Promise<[End, End]> {
  const ends = [await connect(relay, A), await connect(relay, B)] as [End, End]
  for (const end of ends) await expect.poll(end.states).toEqual(relay.sites.map(() => 'allocated'))
  return ends
}

/** Something a relay takes for RTP. */
function packet(number: number): Buffer {
  return Buffer.from([0x90, 0x78, number >> 8, number, 1, 2, 3, 4])
}

/** One packet every `pauseMs`. */
async function sendMany(end: End, count: number, pauseMs: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    end.links.send(packet(at))
    await delay(pauseMs)
  }
}

describe('the way through the relays', () => {
  test('what one end sends the other hears, and nobody of another call', async () => {
    const relay = await startRelay()
    const [a, b] = await connectBoth(relay)
    const grants = relay.open('another call', [B])
    const stranger = await connect(relay, B, { relays: relaysFor(relay, grants, B), key: grants.key })
    await expect.poll(stranger.states).toEqual(['allocated'])

    a.links.send(packet(1))
    b.links.send(packet(2))

    await expect.poll(() => [a.heard, b.heard]).toEqual([[packet(2)], [packet(1)]])
    expect(stranger.heard).toEqual([])
  })

  test('a place is kept as long as the call lasts: the relay is answered and asked', async () => {
    const relay = await startRelay()
    const [a, b] = await connectBoth(relay)

    await delay(8_000)
    a.links.send(packet(1))

    await expect.poll(() => b.heard).toEqual([packet(1)])
    expect(relay.sites[0]?.counts).toMatchObject({ absent: 0, refusals: {} })
    expect(relay.sites[0]?.counts.allocates).toBeLessThan(2 * 11)
  })

  test('with 5 % of all datagrams lost, so much is lost and nothing stands still', async () => {
    const relay = await startRelay({ faults: { loss: 0.05 } })
    const [a, b] = await connectBoth(relay)

    await sendMany(a, 300, 10)
    await delay(300)

    // Lost on the way to the relay, on the way from it, or with the place for a second, when that was lost four times.
    expect(b.heard.length).toBeGreaterThan(300 * 0.8)
    expect(b.heard.length).toBeLessThan(300)
    // What arrived is no repetition.
    expect(new Set(b.heard.map((heard) => heard.toString('hex'))).size).toBe(b.heard.length)
    expect(b.heard.slice(-20).map((heard) => heard.readUInt16BE(2))).toContain(299)
  })

  test('what comes late comes all the same, in the order in which it arrives', async () => {
    const relay = await startRelay({ faults: { late: 0.2 } })
    const [a, b] = await connectBoth(relay)

    await sendMany(a, 50, 60)
    await delay(500)

    // A way without repetitions gives up what three later ones have overtaken, as they do when the machine stands still.
    const numbers = b.heard.map((heard) => heard.readUInt16BE(2))
    expect(numbers.length).toBeGreaterThan(45)
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(numbers).not.toEqual(numbers.toSorted((x, y) => x - y))
  })

  test('one relay of three that is dead is no loss', async () => {
    const relay = await startRelay({ sites: 3 })
    const [dead] = relay.sites
    if (dead) dead.faults = { isDead: true }
    const [a, b] = [await connect(relay, A), await connect(relay, B)]
    for (const end of [a, b]) await expect.poll(end.states).toEqual(['connecting', 'allocated', 'allocated'])

    a.links.send(packet(1))

    await expect.poll(() => b.heard).toEqual([packet(1), packet(1)])
  })

  test('a relay that loses the places gives them again within about a second', async () => {
    const relay = await startRelay()
    const [a, b] = await connectBoth(relay)
    relay.sites[0]?.forgetPlaces()
    await expect.poll(() => relay.sites[0]?.places().length, { timeout: 2_500 }).toBe(2)

    a.links.send(packet(1))

    await expect.poll(() => b.heard).toEqual([packet(1)])
  })

  test('one that was restarted is connected anew', async () => {
    const relay = await startRelay()
    const [a, b] = await connectBoth(relay)
    relay.sites[0]?.forgetConnections()
    await expect.poll(a.states, { timeout: 10_000 }).toEqual(['lost'])
    for (const end of [a, b]) await expect.poll(end.states, { timeout: 15_000 }).toEqual(['allocated'])

    a.links.send(packet(1))

    await expect.poll(() => b.heard).toEqual([packet(1)])
  })

  test('the port that everybody takes is tried beside the one that was announced', async () => {
    const relay = await startRelay()
    const [site] = relay.sites
    // Whatever comes to 3480 goes on to the relay and back, as the relay itself cannot have that port in every test.
    const front = createSocket('udp4')
    front.bind(3480, '127.0.0.2')
    await once(front, 'listening')
    open.push({ stop: () => front.close() })
    let client = 0
    front.on('message', (datagram, from) => {
      if (from.port === site?.port) front.send(datagram, client, from.address)
      else {
        client = from.port
        front.send(datagram, site?.port ?? 0, '127.0.0.1')
      }
    })
    const grants = relay.open(callId, [A])
    const [announced] = relaysFor(relay, grants, A)
    if (announced === undefined) throw new Error('no relay')

    const end = await connect(relay, A, { relays: [{ ...announced, address: '127.0.0.2', port: 9 }] })

    await expect.poll(end.states).toEqual(['allocated'])
  })

  test.each([
    { what: 'a token nobody gave out', code: 450, with: { token: Buffer.alloc(70) } },
    { what: 'a key that is not that of the call', code: 450, key: 'another' },
  ])('$what is refused', async ({ code, key, with: changes }) => {
    const relay = await startRelay()
    const grants = relay.open(callId, [A])
    const relays = relaysFor(relay, grants, A).map((one) => ({ ...one, ...changes }))

    const end = await connect(relay, A, { relays, key })

    await expect.poll(() => end.links.states()[0]?.state).toEqual({ name: 'refused', code })
    expect(relay.sites[0]?.counts.refusals).toEqual({ [code]: 1 })
  })

  test('no more than four relays are used, each once, and only those with an IPv4 address', async () => {
    const relay = await startRelay()
    const token = Buffer.alloc(70)
    const relays = [
      '::1',
      '127.0.0.1',
      '127.0.0.1',
      '127.0.0.2',
      'relay.example',
      '127.0.0.3',
      '127.0.0.4',
      '127.0.0.5',
    ]

    const end = await connect(relay, A, {
      relays: relays.map((address) => ({ name: address, address, port: 9, token })),
    })

    expect(end.links.states().map(({ relay: { address } }) => address)).toEqual([
      '127.0.0.1',
      '127.0.0.2',
      '127.0.0.3',
      '127.0.0.4',
    ])
  })
})
