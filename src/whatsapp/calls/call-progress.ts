import type { CallState } from './calls.ts'
import type { NamedRelay } from './read-steps.ts'
import type { RelayLatency, StepToSend } from './steps.ts'

/**
 * Where one call stands. Transitions are the pure function `next` of `call-machine.ts`; `LiveCall` carries out the effects. Devices are written
 * without `:0`, as they are in stanzas.
 */
export interface CallProgress {
  name: CallState
  direction: 'incoming' | 'outgoing'
  /** LID of the other side without a device. */
  peer: string
  /** The other side's device: the one that calls, or the one that has answered; '' before. */
  device: string
  /** Devices of the other side that ring, where this one calls. */
  ringing: string[]
  /** The other end was told that it rings here, at this instant; undefined for a call that waits behind another. */
  preacceptedAt?: number
  /** The caller's media is up: it has said whether it is muted. */
  isCallerReady: boolean
  /** An accept has come, or gone out. */
  isAccepted: boolean
  /** Relays that have a place for this device. */
  places: RelayLatency[]
  /** No relay can be had. */
  hasNoRelay: boolean
  /** Which device has asked about which relay. */
  askedLatencies: string[]
  /** Which device was told of which relay, so that two ends do not answer each other for ever. */
  toldLatencies: string[]
  startedAt: number
  answeredAt?: number
  activeAt?: number
  endedAt?: number
  reason: string
}

export type CallInput =
  /** WhatsApp has taken the offer; `devices` are those that were called. */
  | { type: 'offered'; devices: string[]; hasRelays: boolean }
  /** It has not: by its code, or without an answer. */
  | { type: 'refused'; code: string }
  | { type: 'notAnswered' }
  /** What the other side says. */
  | { type: 'preaccept'; from: string }
  | { type: 'accept'; from: string; codec: 'opus' | 'mlow' }
  | { type: 'reject'; from: string; isBusy: boolean }
  | { type: 'terminate'; reason: string }
  | { type: 'mute' }
  | { type: 'latencies'; from: string; relays: NamedRelay[] }
  /** What the user wants. */
  | { type: 'answer' }
  | { type: 'decline' }
  | { type: 'hangUp' }
  /** What the media tells. */
  | { type: 'place'; relay: RelayLatency }
  | { type: 'noRelay' }
  | { type: 'unheard'; ms: number }
  | { type: 'failed' }
  | { type: 'timer'; name: CallTimer }
  | { type: 'socketLost' }
  | { type: 'socketBack' }
  /** The session ends. */
  | { type: 'stop' }

export type CallTimer = 'ring' | 'accept' | 'lost'

export type CallEffect =
  | { type: 'send'; to: string; step: StepToSend }
  /** The stanza of an offer or an accept is confirmed to the device it came from. */
  | { type: 'confirm'; step: 'offer' | 'accept'; to: string }
  | { type: 'openMedia' }
  /** The other end is this device, and speaks so. */
  | { type: 'useDevice'; device: string; codec: 'opus' | 'mlow' }
  | { type: 'startMedia' }
  | { type: 'closeMedia' }
  | { type: 'wait'; timer: CallTimer; ms: number }
  | { type: 'stopWaiting'; timer: CallTimer }

export interface CallStepResult {
  call: CallProgress
  effects: CallEffect[]
}
