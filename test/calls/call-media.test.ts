import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { bytesOf } from '../../src/calls/samples.ts'
import { wavHeader } from '../../src/calls/wav.ts'
import { A, B } from './call-values.ts'
import { listen } from './listen.ts'
import { type Call, type CallSettings, type MediaEnd, startCall } from './media-ends.ts'
import { loudnessOf, toneOf } from './tones.ts'

let folder: string
const calls: Call[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
})

afterAll(() => rm(folder, { recursive: true }))

afterEach(async () => {
  for (const call of calls.splice(0)) await call.stop()
})

async function start(settings?: CallSettings): Promise<Call> {
  const call = await startCall(settings)
  calls.push(call)
  return call
}

/** A file with so many seconds of a tone. */
async function toneFile(hz: number, seconds = 30): Promise<string> {
  const path = join(folder, `${hz}-${seconds}.wav`)
  const samples = bytesOf(toneOf(hz, seconds * 16_000))
  await writeFile(path, Buffer.concat([wavHeader(1, samples.length), samples]))
  return path
}

function typesOf({ events }: MediaEnd): string[] {
  return events.map(({ type }) => type)
}

describe('a call', () => {
  test('each end hears what the other plays, and nothing else', async () => {
    const { a, b } = await start()
    await Promise.all([a.media.play(await toneFile(440)), b.media.play(await toneFile(1_000))])
    await delay(600)

    const [heardByA, heardByB] = await Promise.all([listen(a, folder, 1_500), listen(b, folder, 1_500)])

    expect(loudnessOf(heardByA.peer, 1_000)).toBeGreaterThan(6_000)
    expect(loudnessOf(heardByA.peer, 440)).toBeLessThan(200)
    expect(loudnessOf(heardByB.peer, 440)).toBeGreaterThan(6_000)
    expect(loudnessOf(heardByB.peer, 1_000)).toBeLessThan(200)
    expect(loudnessOf(heardByB.own, 1_000)).toBeGreaterThan(7_000)
    expect(a.media.stats.received).toMatchObject({
      undecodable: 0,
      refused: { forged: 0, malformed: 0, replayed: 0 },
    })
    expect(Object.keys(b.media.stats.received.kinds)).toEqual(['58'])
    expect(typesOf(a)).toContain('heard')
  })

  test('what pauses is not heard, and goes on', async () => {
    const { a, b } = await start()
    await a.media.play(await toneFile(440))
    await delay(600)

    expect(a.media.pausePlaying()).toBe(true)
    await delay(400)
    const paused = await listen(b, folder, 600)
    expect(a.media.stats.playing).toMatchObject({ state: 'paused' })
    expect(a.media.resumePlaying()).toBe(true)
    await delay(400)
    const resumed = await listen(b, folder, 600)

    expect(loudnessOf(paused.peer, 440)).toBeLessThan(50)
    expect(loudnessOf(resumed.peer, 440)).toBeGreaterThan(6_000)
  })

  test('a file that ends is told, and the next begins', async () => {
    const { a, b } = await start()
    await a.media.play(await toneFile(440, 0.5), 'short')
    await expect.poll(() => a.events).toContainEqual({ type: 'played', file: 'short' })
    await a.media.play(await toneFile(1_000))
    await delay(400)

    expect(loudnessOf((await listen(b, folder, 600)).peer, 1_000)).toBeGreaterThan(6_000)
  })

  test('whoever is muted is not heard', async () => {
    const { a, b } = await start()
    await a.media.play(await toneFile(440))
    a.media.setMuted(true)
    await delay(500)

    expect(loudnessOf((await listen(b, folder, 600)).peer, 440)).toBeLessThan(50)
  })

  test('a peer that wants MLow hears us, and what it says cannot be heard', async () => {
    const { a, b } = await start({ a: { codec: 'mlow' }, b: { codec: 'mlow' } })
    await a.media.play(await toneFile(440))
    await b.media.useCodec('opus')
    await delay(600)

    // Of MLow, the far end of this test understands what is behind the escape, as any phone.
    await b.media.useCodec('mlow')
    await delay(400)
    const heard = await listen(b, folder, 600)

    expect(loudnessOf(heard.peer, 440)).toBeGreaterThan(6_000)
    expect(a.media.stats.codec).toBe('mlow')
    expect(a.media.stats.received.undecodable).toBeGreaterThan(0)
  })

  test('with 5 % of the datagrams lost and as many late it is still understood', async () => {
    const { a, b } = await start({ relay: { faults: { loss: 0.05, late: 0.05 } } })
    await a.media.play(await toneFile(440))
    await delay(600)

    const { peer } = await listen(b, folder, 4_000)

    expect(loudnessOf(peer, 440)).toBeGreaterThan(4_000)
    expect(b.media.stats.received.lost + b.media.stats.received.concealed).toBeGreaterThan(0)
  })

  test('three relays carry everything, and it is heard once', async () => {
    const { relay, a, b } = await start({ relay: { sites: 3 } })
    await a.media.play(await toneFile(440))
    const [first] = relay.sites
    await delay(600)
    if (first) first.faults = { isDead: true }

    const { peer } = await listen(b, folder, 1_500)

    expect(loudnessOf(peer, 440)).toBeGreaterThan(6_000)
    const { packets, refused } = b.media.stats.received
    expect(refused.replayed).toBeGreaterThan(packets / 2)
    expect(packets).toBeLessThanOrEqual(a.media.stats.sent.packets)
  })

  test('numbers begin anew in the middle of it', async () => {
    const { a, b } = await start({ a: { firstSequence: 65_520 } })
    await a.media.play(await toneFile(440))
    await delay(600)

    const { peer } = await listen(b, folder, 1_500)

    expect(a.media.stats.sent.packets).toBeGreaterThan(16)
    expect(loudnessOf(peer, 440)).toBeGreaterThan(6_000)
    expect(b.media.stats.received).toMatchObject({
      lost: 0,
      refused: { forged: 0, malformed: 0, replayed: 0 },
    })
  })

  test('another device of the peer is heard when it has answered, and the first one no more', async () => {
    const call = await start({ b: { peerJid: A } })
    const other = '200000000000002:7@lid'
    const third = await call.open(other, A)
    await expect.poll(() => third.media.stats.relays[0]?.state.name).toBe('allocated')
    await Promise.all([
      call.b.media.play(await toneFile(440)),
      third.media.play(await toneFile(1_000)),
      call.a.media.rekeyPeer(other),
    ])
    third.media.start()
    await delay(600)

    const { peer } = await listen(call.a, folder, 1_000)

    expect(loudnessOf(peer, 1_000)).toBeGreaterThan(6_000)
    expect(loudnessOf(peer, 440)).toBeLessThan(200)
    expect(call.a.media.stats.received.refused.forged).toBeGreaterThan(0)
  })

  test('the device that was there already does not begin anew', async () => {
    const { a } = await start()
    await expect.poll(() => a.media.stats.received.packets).toBeGreaterThan(3)

    await a.media.rekeyPeer('200000000000002@lid')

    expect(a.media.stats.received.packets).toBeGreaterThan(3)
  })

  test('reports go both ways', async () => {
    const { a, b } = await start()

    await expect
      .poll(() => [a.media.stats.received.peerLoss, b.media.stats.received.peerLoss])
      .toEqual([0, 0])
  })

  test('one way only: the end that is heard does not know it, the other is heard of', async () => {
    const { a, b } = await start({ relay: { faults: { deaf: [A] } } })
    await expect.poll(() => b.media.stats.received.packets).toBeGreaterThan(5)

    expect(a.media.stats.received.packets).toBe(0)
    expect(typesOf(a)).not.toContain('heard')
  })

  test('nothing is said before it begins', async () => {
    const { a, b, relay } = await start({ startsLater: true })
    await delay(300)
    expect([a.media.stats.sent.packets, b.media.stats.received.packets]).toEqual([0, 0])
    expect(relay.sites[0]?.places()).toEqual([A, B])

    a.media.start()

    await expect.poll(() => b.media.stats.received.packets).toBeGreaterThan(3)
  })

  test('without a relay that takes us there is no call', async () => {
    const call = await start()
    const refused = await call.open('100000000000001:4@lid', B, { relayKey: 'another' })
    const alone = await call.open('100000000000001:5@lid', B, { relays: [] })

    await expect.poll(() => refused.events.at(-1)).toEqual({ type: 'no-relay', code: 450 })
    await expect.poll(() => alone.events.at(-1)).toEqual({ type: 'no-relay', code: undefined })
  })

  test('an end that says nothing any more is told, and told again when it speaks', async () => {
    const { a, relay } = await start({ a: { unheardMs: [400, 800] } })
    await expect.poll(() => typesOf(a)).toContain('heard')
    const [site] = relay.sites
    if (site) site.faults = { deaf: [A] }

    await expect.poll(() => typesOf(a).slice(-3)).toEqual(['heard', 'unheard', 'unheard'])
    if (site) site.faults = {}
    await expect.poll(() => typesOf(a).at(-1)).toBe('heard')
  })

  test('numbers are never given out twice under one key, whatever the name of the device', async () => {
    const { a, open } = await start()
    await a.media.close()

    await expect(open(A, B)).rejects.toThrow('the call had media before')
    await expect(open('200000000000002@lid', A)).rejects.toThrow('the call had media before')
  })

  test('it ends once, with its recording complete, and its place free', async () => {
    const { engine, a, relay } = await start()
    const path = join(folder, 'last.wav')
    await a.media.record(path)
    await expect(a.media.record(join(folder, 'second.wav'))).rejects.toThrow('recorded already')
    await expect.poll(() => a.media.stats.recording?.seconds).toBeGreaterThan(0.3)
    expect(engine.size).toBe(2)

    await Promise.all([a.media.close(), a.media.close()])

    const bytes = await readFile(path)
    expect(bytes.readUInt32LE(40)).toBe(bytes.length - 44)
    expect(bytes.length).toBeGreaterThan(0.3 * 32_000)
    expect(typesOf(a).filter((type) => type === 'closed')).toHaveLength(1)
    expect(engine.size).toBe(1)
    await expect.poll(() => relay.sites[0]?.places(), { timeout: 6_000 }).toEqual([B])
  })

  test('a process has a limited number of calls', async () => {
    const { engine, open } = await start()
    while (engine.size < 32) await open(`100000000000001:1${engine.size}@lid`, B, { relays: [] })

    await expect(open('100000000000001:99@lid', B)).rejects.toThrow('too many calls')
  })
})
