import { describe, expect, test } from 'vitest'
import { capabilityOf, codecWith, speaksMlow } from '../../src/whatsapp/calls/capability.ts'
import { readOffer, readStep, readWantsMlow } from '../../src/whatsapp/calls/read-steps.ts'
import { readRelayBlock } from '../../src/whatsapp/calls/relay-block.ts'
import { writeOffer, writeStep } from '../../src/whatsapp/calls/steps.ts'
import type { BinaryNode } from '../../src/whatsapp/library/engine.ts'

const names = { callId: '00112233445566778899AABBCCDDEEFF', creator: '100000000000001:3@lid' }
const place = Buffer.from([192, 0, 2, 1, 13, 150])

function element(
  tag: string,
  attrs: Record<string, string> = {},
  content?: BinaryNode['content'],
): BinaryNode {
  return content === undefined ? { tag, attrs } : { tag, attrs, content }
}

/** A relay block with these endpoints. */
function block(endpoints: BinaryNode[], more: BinaryNode[] = []): BinaryNode {
  const parts = [
    element('key', {}, Buffer.from('a2V5')),
    element('token', { id: '3' }, Buffer.from('token')),
    ...more,
  ]
  return element('ack', {}, [element('relay', {}, [...parts, ...endpoints])])
}

describe('the relay block', () => {
  test('names the relays of IPv4 and UDP, those of the caller first, then the nearest', () => {
    const endpoint = (attrs: Record<string, string>, bytes = place) =>
      element('te2', { token_id: '3', protocol: '0', ...attrs }, bytes)

    const found = readRelayBlock(
      block([
        endpoint({ relay_name: 'far', c2r_rtt: '90' }),
        endpoint({ relay_name: 'near', c2r_rtt: '10' }),
        endpoint({ relay_name: 'callers', c2r_rtt: '99', is_fna: '1' }),
        endpoint({ relay_name: 'tcp', protocol: '1' }),
        endpoint({ relay_name: 'ipv6' }, Buffer.alloc(18)),
        endpoint({ relay_name: 'no token', token_id: '4' }),
      ]),
      'any',
    )

    expect(found?.key).toBe('a2V5')
    expect(found?.relays.map(({ name }) => name)).toEqual(['callers', 'near', 'far'])
    expect(found?.relays[0]).toMatchObject({ address: '192.0.2.1', port: 3478, token: Buffer.from('token') })
    expect(found?.tagBytes).toBeUndefined()
  })

  test('leads to the internet alone, whoever has written it', () => {
    const at = (name: string, ...address: number[]) =>
      element('te2', { token_id: '3', relay_name: name }, Buffer.from([...address, 13, 150]))
    const found = readRelayBlock(
      block([
        at('home', 192, 168, 0, 1),
        at('self', 127, 0, 0, 1),
        at('cloud', 169, 254, 169, 254),
        at('net', 157, 240, 1, 1),
      ]),
      'public',
    )

    expect(found?.relays.map(({ name }) => name)).toEqual(['net'])
  })

  test('is none without a key, or without a relay that can be used', () => {
    expect(readRelayBlock(block([]), 'any')).toBeUndefined()
    expect(readRelayBlock(element('ack'), 'any')).toBeUndefined()
    const keyless = element('relay', {}, [element('te2', { token_id: '3' }, place)])
    expect(readRelayBlock(element('ack', {}, [keyless]), 'any')).toBeUndefined()
  })

  test.each([
    ['6', 6],
    ['20', 20],
    ['0', undefined],
    ['21', undefined],
    ['many', undefined],
  ])('takes %s for the length of tags as %s', (text, length) => {
    const endpoint = element('te2', { token_id: '3' }, place)
    const found = readRelayBlock(
      block([endpoint], [element('warp_mi_tag_len', {}, Buffer.from(text))]),
      'any',
    )

    expect(found?.tagBytes).toBe(length)
  })
})

describe('capabilities', () => {
  test('are those of WhatsApp Web, without MLow where Opus is spoken', () => {
    expect(capabilityOf('offer', 'opus').toString('hex')).toBe('0105f709e03b13')
    expect(capabilityOf('preaccept', 'opus').toString('hex')).toBe('0105f709e03b07')
    expect(capabilityOf('accept', 'opus-in-mlow').toString('hex')).toBe('0105f709e0bb13')
    expect(speaksMlow(capabilityOf('offer', 'opus'))).toBe(false)
    expect(speaksMlow(capabilityOf('offer', 'opus-in-mlow'))).toBe(true)
    expect(speaksMlow(undefined)).toBeUndefined()
  })

  test('decide whether the escape is used', () => {
    expect(codecWith(true, 'opus')).toBe('opus')
    expect(codecWith(undefined, 'opus-in-mlow')).toBe('mlow')
    expect(codecWith(false, 'opus-in-mlow')).toBe('opus')
  })

  test('and settings are read from what may be compressed, or no JSON', () => {
    const settings = (text: string | Buffer) =>
      readWantsMlow(element('offer', {}, [element('voip_settings', {}, Buffer.from(text))]))

    expect(settings('{"encode":{"use_mlow_codec_v1":"true"}}')).toBe(true)
    expect(settings('{"encode":{"use_mlow_codec_v1":"false"}}')).toBe(false)
    for (const text of ['{}', 'null', '[]', '\x1f\x8b\x08', '{"encode":null}'])
      expect(settings(text)).toBeUndefined()
  })
})

describe('steps', () => {
  test('of strange stanzas are none', () => {
    const attrs = { from: '200000000000002@lid', id: '1' }
    const offer = element('offer', { 'call-id': 'A', 'call-creator': '200000000000002@lid' })
    for (const content of [
      undefined,
      Buffer.from('offer'),
      [],
      [offer, offer],
      [element('offer')],
      [element('offer', { 'call-id': 'A' })],
      [element('offer', { 'call-id': 'A'.repeat(65), 'call-creator': 'x@lid' })],
    ])
      expect(readStep({ tag: 'call', attrs, content })).toBeUndefined()
    expect(readStep({ tag: 'call', attrs, content: [offer] })?.callId).toBe('A')
  })

  test('find the key of this device in a list, and in the offer itself', () => {
    const key = (type: string) => element('enc', { v: '2', type }, Buffer.from(type))
    const step = (parts: BinaryNode[]) => ({
      tag: 'offer',
      ...names,
      from: names.creator,
      stanzaId: '1',
      timestamp: 0,
      isOffline: false,
      node: element('offer', {}, parts),
    })
    const list = element('destination', {}, [
      element('to', { jid: '300000000000003@lid' }, [key('msg')]),
      element('to', { jid: '300000000000003:5@lid' }, [key('pkmsg')]),
    ])

    expect(readOffer(step([list]), '300000000000003:5@lid', 'any').ciphertext?.type).toBe('pkmsg')
    expect(readOffer(step([list]), '300000000000003:0@lid', 'any').ciphertext).toBeUndefined()
    expect(readOffer(step([key('msg')]), '300000000000003:5@lid', 'any').ciphertext?.type).toBe('msg')
    expect(readOffer(step([key('skmsg')]), '300000000000003:5@lid', 'any').ciphertext).toBeUndefined()
  })

  test('have the form of WhatsApp Web', () => {
    const steps = [
      { tag: 'reject' },
      { tag: 'terminate', reason: 'timeout' },
      { tag: 'terminate', activeMs: 1500 },
      { tag: 'mute_v2', muted: true },
    ] as const
    expect(steps.map((step) => writeStep(names, step, 'opus').attrs)).toEqual([
      expect.objectContaining({ count: '0' }),
      expect.objectContaining({ reason: 'timeout' }),
      expect.objectContaining({ duration: '1500', audio_duration: '1500' }),
      expect.objectContaining({ 'mute-state': '1' }),
    ])
    const relay = { name: 'one', address: '192.0.2.1', port: 3478, latencyMs: 20.4 }
    expect(writeStep(names, { tag: 'relaylatency', relay }, 'opus').content).toEqual([
      element('te', { latency: String(0x2000000 + 20), relay_name: 'one' }, place),
    ])
  })

  test('of an offer have a list where one of two devices could not be encrypted for', () => {
    const key = element('to', { jid: 'x@lid' }, [element('enc', {}, Buffer.from('key'))])
    const offer = writeOffer(names, {
      codec: 'opus',
      keys: [key],
      deviceCount: 2,
      trust: Buffer.from('trust'),
    })

    expect(Array.isArray(offer.content) && offer.content.map(({ tag }) => tag)).toEqual([
      'privacy',
      'audio',
      'net',
      'capability',
      'destination',
      'encopt',
    ])
  })
})
