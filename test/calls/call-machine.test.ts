import { describe, expect, test } from 'vitest'
import { incomingCall, next, outgoingCall } from '../../src/whatsapp/calls/call-machine.ts'
import type { CallEffect, CallInput, CallProgress } from '../../src/whatsapp/calls/call-progress.ts'

const PEER = '200000000000002@lid'
const OTHER = '200000000000002:7@lid'
const RELAY = { name: 'one', address: '192.0.2.1', port: 3478, latencyMs: 20 }

/** What a call has become after some inputs, each a second after the one before, and the effects of the last. */
function follow(
  { call, effects }: { call: CallProgress; effects: CallEffect[] },
  ...inputs: CallInput[]
): { call: CallProgress; effects: CallEffect[] } {
  let result = { call, effects }
  for (const [at, input] of inputs.entries()) result = next(result.call, input, (at + 1) * 1_000)
  return result
}

function sent(effects: CallEffect[]): string[] {
  return effects.flatMap((effect) => {
    if (effect.type !== 'send') return []
    const reason = effect.step.tag === 'terminate' && effect.step.reason ? ` ${effect.step.reason}` : ''
    return [`${effect.step.tag}${reason} ${effect.to}`]
  })
}

const calling = () => outgoingCall(PEER, 0)
const ringing = (waits = false) => incomingCall({ peer: PEER, device: PEER, waits }, 0)
const offered: CallInput = { type: 'offered', devices: [PEER, OTHER], hasRelays: true }
const preaccept: CallInput = { type: 'preaccept', from: PEER }
const accept: CallInput = { type: 'accept', from: OTHER, codec: 'opus' }
const place: CallInput = { type: 'place', relay: RELAY }

describe('an outgoing call', () => {
  test('becomes active when it was accepted and a relay has a place, in either order', () => {
    expect(follow(calling(), offered, accept).call.name).toBe('connecting')
    expect(follow(calling(), offered, accept, place).call.name).toBe('active')
    expect(follow(calling(), offered, place, accept).call.name).toBe('active')
    expect(follow(calling(), offered, place).call.name).toBe('calling')
  })

  test('tells a device that rings of each relay once, and answers what it measured itself no second time', () => {
    const latencies: CallInput = { type: 'latencies', from: PEER, relays: [RELAY] }

    expect(sent(follow(calling(), offered, place, preaccept).effects)).toEqual([
      `transport ${PEER}`,
      `relaylatency ${PEER}`,
    ])
    expect(sent(follow(calling(), offered, preaccept, place).effects)).toEqual([`relaylatency ${PEER}`])
    expect(sent(follow(calling(), offered, place, preaccept, latencies).effects)).toEqual([])
    expect(sent(follow(calling(), offered, place, latencies).effects)).toEqual([`relaylatency ${PEER}`])
    // Asked before there was a place, it is answered with it.
    expect(sent(follow(ringing(), latencies, place).effects)).toEqual([`relaylatency ${PEER}`])
    const unknown = { ...RELAY, port: 1 }
    expect(sent(follow(calling(), offered, place, { ...latencies, relays: [unknown] }).effects)).toEqual([])
  })

  test('dismisses the devices that did not answer, by name, and whoever answers too late', () => {
    const { effects } = follow(calling(), offered, accept)

    expect(sent(effects)).toEqual([
      `transport ${OTHER}`,
      `mute_v2 ${OTHER}`,
      'terminate accepted_elsewhere 200000000000002:0@lid',
    ])
    const late: CallInput = { type: 'accept', from: PEER, codec: 'opus' }
    expect(sent(follow(calling(), offered, accept, late).effects)).toEqual([
      'terminate accepted_elsewhere 200000000000002:0@lid',
    ])
    expect(sent(follow(calling(), offered, accept, accept).effects)).toEqual([])
  })

  test('rings for a minute', () => {
    const { call, effects } = follow(calling(), offered, preaccept, { type: 'timer', name: 'ring' })

    expect(call).toMatchObject({ name: 'ended', reason: 'timeout' })
    expect(sent(effects)).toEqual([`terminate timeout ${PEER}`])
    expect(calling().effects).toContainEqual({ type: 'wait', timer: 'ring', ms: 60_000 })
  })

  test('that was given up dismisses a phone that accepts it all the same', () => {
    expect(sent(follow(calling(), offered, { type: 'hangUp' }, accept).effects)).toEqual([
      `terminate ${OTHER}`,
    ])
  })

  test('says how long it lasted', () => {
    const { effects } = follow(calling(), offered, place, accept, { type: 'hangUp' })

    expect(effects).toContainEqual({
      type: 'send',
      to: OTHER,
      step: { tag: 'terminate', reason: undefined, activeMs: 1_000 },
    })
  })
})

describe('an incoming call', () => {
  test('that waits says nothing to the caller until it is answered', () => {
    expect(sent(ringing(true).effects)).toEqual([])
    expect(sent(follow(ringing(true), { type: 'answer' }).effects)).toEqual([`preaccept ${PEER}`])
  })

  test('is accepted when the caller is ready, or after a second and a half', () => {
    const early = next(ringing().call, { type: 'answer' }, 500)

    expect(sent(early.effects)).toEqual([])
    expect(early.effects).toContainEqual({ type: 'wait', timer: 'accept', ms: 1_000 })
    expect(sent(next(early.call, { type: 'mute' }, 600).effects)).toEqual([`accept ${PEER}`])
    expect(sent(next(early.call, { type: 'timer', name: 'accept' }, 1_500).effects)).toEqual([
      `accept ${PEER}`,
    ])
    expect(sent(next(ringing().call, { type: 'answer' }, 1_500).effects)).toEqual([`accept ${PEER}`])
  })

  test('that finds no relay rings on, and is rejected when somebody wants to take it', () => {
    const { call, effects } = follow(ringing(), { type: 'noRelay' }, { type: 'answer' })

    expect(call).toMatchObject({ name: 'ended', reason: 'no_relay' })
    expect(sent(effects)).toEqual([`reject ${PEER}`])
  })

  test('rings on at the phone when this session ends, or its media fails', () => {
    for (const type of ['stop', 'failed'] as const)
      expect(sent(follow(ringing(), { type }).effects)).toEqual([])
    expect(follow(ringing(), { type: 'stop' }).call.reason).toBe('connection_lost')
  })

  test.each([
    ['timeout', 'missed'],
    ['', 'missed'],
    ['group_call_ended', 'missed'],
    ['accepted_elsewhere', 'accepted_elsewhere'],
    ['rejected_elsewhere', 'rejected_elsewhere'],
  ])('that ends with "%s" while it rings is %s', (reason, told) => {
    expect(follow(ringing(), { type: 'terminate', reason }).call).toMatchObject({
      name: 'ended',
      reason: told,
    })
  })
})

describe('a call that goes on', () => {
  const active = () => follow(calling(), offered, place, accept)

  test('outlives its connection for thirty seconds', () => {
    const lost = next(active().call, { type: 'socketLost' }, 5_000)

    expect(lost.effects).toEqual([{ type: 'wait', timer: 'lost', ms: 30_000 }])
    expect(next(lost.call, { type: 'socketBack' }, 6_000).call.name).toBe('active')
    expect(next(lost.call, { type: 'timer', name: 'lost' }, 35_000).call).toMatchObject({
      name: 'ended',
      reason: 'connection_lost',
    })
  })

  test('ends when nothing was heard for a minute, and not before', () => {
    expect(next(active().call, { type: 'unheard', ms: 20_000 }, 20_000).call.name).toBe('active')
    expect(next(active().call, { type: 'unheard', ms: 60_000 }, 60_000).call).toMatchObject({
      name: 'ended',
      reason: 'no_media',
    })
  })

  test('ends once', () => {
    const { call } = follow(active(), { type: 'hangUp' })

    for (const input of [
      { type: 'terminate', reason: '' },
      { type: 'failed' },
      { type: 'stop' },
      place,
    ] as CallInput[])
      expect(next(call, input, 9_000)).toEqual({ call, effects: [] })
  })
})
