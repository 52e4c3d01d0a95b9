import type { CallEffect, CallInput, CallProgress, CallStepResult, CallTimer } from './call-progress.ts'
import type { NamedRelay } from './read-steps.ts'
import type { RelayLatency } from './steps.ts'

/** Phones ring for 45 seconds by the service's settings; whoever is not told that it is over has waited long enough. */
const RING_MS = 60_000
/** Some clients break off when they are accepted before their media is up, others never say that it is. */
const CALLER_PATIENCE_MS = 1_500
/** Sound goes on without the connection to the service. */
const LOST_MS = 30_000
/** Nothing was heard for so long: nobody is there. */
const UNHEARD_MS = 60_000
/** A call has four relays. */
const MAX_PLACES = 16
const MAX_TOLD = 128

/** A call that this device begins. */
export function outgoingCall(peer: string, now: number): CallStepResult {
  return {
    call: blank({ name: 'calling', direction: 'outgoing', peer, device: '', startedAt: now }),
    effects: [{ type: 'wait', timer: 'ring', ms: RING_MS }],
  }
}

/** A call from a device. One that waits behind another is told, and the caller hears nothing of it. */
export function incomingCall(
  { peer, device, waits }: { peer: string; device: string; waits: boolean },
  now: number,
): CallStepResult {
  const call = blank({ name: 'ringing', direction: 'incoming', peer, device, startedAt: now })
  const timer: CallEffect = { type: 'wait', timer: 'ring', ms: RING_MS }
  if (waits) return { call, effects: [timer] }
  const rung = ring(call, now)
  return {
    call: rung.call,
    effects: [{ type: 'confirm', step: 'offer', to: device }, ...rung.effects, timer],
  }
}

/** What an input makes of a call. What has ended stays as it is. */
export function next(call: CallProgress, input: CallInput, now: number): CallStepResult {
  if (call.name === 'ended') return afterEnd(call, input)
  switch (input.type) {
    case 'offered': {
      const offered = { ...call, ringing: input.devices }
      if (!input.hasRelays) return end(offered, 'no_relay', now)
      return { call: offered, effects: [{ type: 'openMedia' }] }
    }
    case 'refused':
      return { call: over(call, `refused:${input.code}`, now), effects: [{ type: 'closeMedia' }] }
    case 'notAnswered':
      return end(call, 'failed', now)
    case 'preaccept':
      return preaccepted(call, input.from)
    case 'accept':
      return accepted(call, input, now)
    case 'reject':
      return rejected(call, input, now)
    case 'terminate':
      return { call: over(call, reasonOf(call, input.reason), now), effects: [{ type: 'closeMedia' }] }
    case 'mute':
      return callerReady({ ...call, isCallerReady: true }, now)
    case 'latencies':
      return answerLatencies(call, input)
    case 'answer':
      return answer(call, now)
    case 'decline':
      return endWith(call, { reason: 'rejected', steps: rejection(call) }, now)
    case 'hangUp':
      return rings(call)
        ? endWith(call, { reason: 'rejected', steps: rejection(call) }, now)
        : end(call, 'hangup', now)
    case 'place':
      return place(call, input.relay, now)
    case 'noRelay':
      // A phone that rings may still be taken on another device.
      return rings(call) ? stay({ ...call, hasNoRelay: true }) : end(call, 'no_relay', now)
    case 'unheard':
      return call.name === 'active' && input.ms >= UNHEARD_MS ? end(call, 'no_media', now) : stay(call)
    case 'failed':
      return endQuietly(call, 'failed', now)
    case 'timer':
      return timedOut(call, input.name, now)
    case 'socketLost':
      return { call, effects: [{ type: 'wait', timer: 'lost', ms: LOST_MS }] }
    case 'socketBack':
      return { call, effects: [{ type: 'stopWaiting', timer: 'lost' }] }
    case 'stop':
      return endQuietly(call, 'connection_lost', now)
  }
}

function blank(
  known: Pick<CallProgress, 'name' | 'direction' | 'peer' | 'device' | 'startedAt'>,
): CallProgress {
  return {
    ...known,
    ringing: [],
    isCallerReady: false,
    isAccepted: false,
    places: [],
    hasNoRelay: false,
    askedLatencies: [],
    toldLatencies: [],
    reason: '',
  }
}

function stay(call: CallProgress): CallStepResult {
  return { call, effects: [] }
}

/** An incoming call that nobody has taken here. */
function rings({ direction, name }: CallProgress): boolean {
  return direction === 'incoming' && name === 'ringing'
}

/** What may still come: an accept of a call that was given up is dismissed, so that the phone does not wait for sound. */
function afterEnd(call: CallProgress, input: CallInput): CallStepResult {
  if (input.type !== 'accept') return stay(call)
  return { call, effects: [{ type: 'send', to: input.from, step: { tag: 'terminate' } }] }
}

function ring(call: CallProgress, now: number): CallStepResult {
  return {
    call: { ...call, preacceptedAt: now },
    effects: [{ type: 'send', to: call.device, step: { tag: 'preaccept' } }, { type: 'openMedia' }],
  }
}

function preaccepted(call: CallProgress, from: string): CallStepResult {
  if (call.direction !== 'outgoing' || call.isAccepted) return stay(call)
  const name = call.name === 'calling' ? 'ringing' : call.name
  const told = tell({ ...call, name }, from, call.places)
  return {
    call: told.call,
    effects: [{ type: 'send', to: from, step: { tag: 'transport', type: 0, round: 0 } }, ...told.effects],
  }
}

function accepted(
  call: CallProgress,
  { from, codec }: Extract<CallInput, { type: 'accept' }>,
  now: number,
): CallStepResult {
  if (call.direction !== 'outgoing') return stay(call)
  // The first that accepts has the call.
  if (call.isAccepted)
    return { call, effects: from === call.device ? [] : dismiss([from], 'accepted_elsewhere') }
  const taken: CallProgress = {
    ...call,
    name: 'connecting',
    device: from,
    isAccepted: true,
    answeredAt: now,
    ringing: [],
  }
  const speaking = speakWhenConnected(taken, now)
  return {
    call: speaking.call,
    effects: [
      { type: 'stopWaiting', timer: 'ring' },
      { type: 'confirm', step: 'accept', to: from },
      { type: 'send', to: from, step: { tag: 'transport', type: 1, round: 1 } },
      { type: 'send', to: from, step: { tag: 'mute_v2', muted: false } },
      // Whoever was called dismisses nobody: the caller does, device by device.
      ...dismiss(
        call.ringing.filter((device) => device !== from),
        'accepted_elsewhere',
      ),
      { type: 'useDevice', device: from, codec },
      ...speaking.effects,
    ],
  }
}

function rejected(
  call: CallProgress,
  { from, isBusy }: Extract<CallInput, { type: 'reject' }>,
  now: number,
): CallStepResult {
  if (call.direction !== 'outgoing' || call.isAccepted) return stay(call)
  const others = call.ringing.filter((device) => device !== from)
  // A busy device speaks for itself; the others go on ringing.
  if (isBusy && others.length > 0) return stay({ ...call, ringing: others })
  return {
    call: over(call, isBusy ? 'busy' : 'rejected', now),
    effects: [...dismiss(others, 'rejected_elsewhere'), { type: 'closeMedia' }],
  }
}

function dismiss(devices: string[], reason: 'accepted_elsewhere' | 'rejected_elsewhere'): CallEffect[] {
  return devices.map((device) => ({
    type: 'send',
    // Without `:0` it would be for everybody.
    to: /^[^:@]+@lid$/.test(device) ? device.replace('@', ':0@') : device,
    step: { tag: 'terminate', reason },
  }))
}

/** What the end of a call means that the other side or the service has ended. */
function reasonOf(call: CallProgress, told: string): string {
  const isElsewhere = told === 'accepted_elsewhere' || told === 'rejected_elsewhere'
  if (rings(call)) return isElsewhere ? told : 'missed'
  if (call.direction === 'outgoing' && !call.isAccepted && told === 'timeout') return 'timeout'
  return call.direction === 'incoming' && isElsewhere ? told : 'remote_hangup'
}

function answer(call: CallProgress, now: number): CallStepResult {
  if (!rings(call)) return stay(call)
  if (call.hasNoRelay) return endWith(call, { reason: 'no_relay', steps: rejection(call) }, now)
  const rung = call.preacceptedAt === undefined ? ring(call, now) : stay(call)
  const taken: CallProgress = { ...rung.call, name: 'connecting', answeredAt: now }
  const waitMs = (taken.preacceptedAt ?? now) + CALLER_PATIENCE_MS - now
  const said: CallStepResult =
    taken.isCallerReady || waitMs <= 0
      ? accept(taken, now)
      : { call: taken, effects: [{ type: 'wait', timer: 'accept', ms: waitMs }] }
  return {
    call: said.call,
    effects: [{ type: 'stopWaiting', timer: 'ring' }, ...rung.effects, ...said.effects],
  }
}

function callerReady(call: CallProgress, now: number): CallStepResult {
  return mustAccept(call) ? accept(call, now) : stay(call)
}

function mustAccept({ direction, name, isAccepted }: CallProgress): boolean {
  return direction === 'incoming' && name === 'connecting' && !isAccepted
}

function accept(call: CallProgress, now: number): CallStepResult {
  const speaking = speakWhenConnected({ ...call, isAccepted: true }, now)
  return {
    call: speaking.call,
    effects: [
      { type: 'stopWaiting', timer: 'accept' },
      { type: 'send', to: call.device, step: { tag: 'accept' } },
      ...speaking.effects,
    ],
  }
}

function place(call: CallProgress, relay: RelayLatency, now: number): CallStepResult {
  const known = call.places.some((one) => isAt(one, relay))
  if (known || call.places.length >= MAX_PLACES) return speakWhenConnected(call, now)
  const placed = { ...call, places: [...call.places, relay] }
  // Devices that ring already are told of each relay as it is reached.
  const ringing = call.direction === 'outgoing' && call.name === 'ringing' ? toldDevices(call) : []
  const asking = call.askedLatencies.filter((asked) => asked.endsWith(` ${placeOf(relay)}`)).map(deviceOf)
  const listening = new Set([...ringing, ...asking])
  let result = stay(placed)
  for (const device of listening) {
    const told = tell(result.call, device, [relay])
    result = { call: told.call, effects: [...result.effects, ...told.effects] }
  }
  const speaking = speakWhenConnected(result.call, now)
  return { call: speaking.call, effects: [...result.effects, ...speaking.effects] }
}

function speakWhenConnected(call: CallProgress, now: number): CallStepResult {
  if (call.name !== 'connecting' || !call.isAccepted || call.places.length === 0) return stay(call)
  return { call: { ...call, name: 'active', activeAt: now }, effects: [{ type: 'startMedia' }] }
}

function answerLatencies(
  call: CallProgress,
  { from, relays }: Extract<CallInput, { type: 'latencies' }>,
): CallStepResult {
  const asked = relays.map((relay) => `${from} ${placeOf(relay)}`)
  return tell(
    { ...call, askedLatencies: [...new Set([...call.askedLatencies, ...asked])].slice(0, MAX_TOLD) },
    from,
    call.places.filter((own) => relays.some((named) => isAt(own, named))),
  )
}

/** Tells a device how long these relays take, once. */
function tell(call: CallProgress, device: string, relays: RelayLatency[]): CallStepResult {
  const name = (relay: NamedRelay) => `${device} ${placeOf(relay)}`
  const untold = relays.filter((relay) => !call.toldLatencies.includes(name(relay)))
  const room = Math.max(0, MAX_TOLD - call.toldLatencies.length)
  const now = untold.slice(0, room)
  return {
    // The name of the device alone says that it listens.
    call: { ...call, toldLatencies: [...new Set([...call.toldLatencies, `${device} `, ...now.map(name)])] },
    effects: now.map((relay) => ({ type: 'send', to: device, step: { tag: 'relaylatency', relay } })),
  }
}

function toldDevices({ toldLatencies }: CallProgress): string[] {
  return [...new Set(toldLatencies.map(deviceOf))]
}

function deviceOf(told: string): string {
  return told.slice(0, told.indexOf(' '))
}

function placeOf({ address, port }: NamedRelay): string {
  return `${address}:${port}`
}

function isAt(a: NamedRelay, b: NamedRelay): boolean {
  return placeOf(a) === placeOf(b)
}

function timedOut(call: CallProgress, timer: CallTimer, now: number): CallStepResult {
  switch (timer) {
    case 'ring':
      if (rings(call)) return { call: over(call, 'missed', now), effects: [{ type: 'closeMedia' }] }
      return call.isAccepted
        ? stay(call)
        : endWith(call, { reason: 'timeout', steps: termination(call, 'timeout', now) }, now)
    case 'accept':
      return callerReady(call, now)
    case 'lost':
      return end(call, 'connection_lost', now)
  }
}

/** Ends a call and tells the other side. */
function end(call: CallProgress, reason: string, now: number): CallStepResult {
  return endWith(call, { reason, steps: termination(call, undefined, now) }, now)
}

/** The same; a phone that rings goes on ringing where it can be taken. */
function endQuietly(call: CallProgress, reason: string, now: number): CallStepResult {
  return rings(call) ? endWith(call, { reason, steps: [] }, now) : end(call, reason, now)
}

function endWith(
  call: CallProgress,
  { reason, steps }: { reason: string; steps: CallEffect[] },
  now: number,
): CallStepResult {
  return { call: over(call, reason, now), effects: [...steps, { type: 'closeMedia' }] }
}

function over(call: CallProgress, reason: string, now: number): CallProgress {
  return { ...call, name: 'ended', reason, endedAt: now }
}

function rejection({ device }: CallProgress): CallEffect[] {
  return [{ type: 'send', to: device, step: { tag: 'reject' } }]
}

/** To the device that has the call, or to everybody who rings. */
function termination(call: CallProgress, reason: 'timeout' | undefined, now: number): CallEffect[] {
  const activeMs = call.activeAt === undefined ? undefined : now - call.activeAt
  return [{ type: 'send', to: call.device || call.peer, step: { tag: 'terminate', reason, activeMs } }]
}
