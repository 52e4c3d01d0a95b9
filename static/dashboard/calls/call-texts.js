import { advise } from '../../api.js'
import { phoneOf } from '../../states.js'
import { words } from './words.js'

/** What a call looks like while it goes on, and the key of its title. */
const STATES = {
  calling: { look: 'waiting', title: () => 'calling' },
  ringing: {
    look: 'waiting',
    title: ({ direction }) => (direction === 'incoming' ? 'ringingIn' : 'ringingOut'),
  },
  connecting: { look: 'waiting', title: () => 'connecting' },
  active: { look: 'talking', title: () => 'active' },
  ended: { look: 'off', title: () => 'ended' },
}

/** What this browser does in a call, by the state of its voice. */
const PARTS = {
  asking: 'partAsking',
  connecting: 'partConnecting',
  connected: 'partConnected',
  interrupted: 'partInterrupted',
  lost: 'partLost',
  unreachable: 'partUnreachable',
  unplugged: 'partUnplugged',
}

/** Why a call ended, by the server's word for it; for both directions, or for each. */
const REASONS = {
  hangup: () => 'endHangup',
  remote_hangup: () => 'endRemote',
  rejected: (isIncoming) => (isIncoming ? 'endRejectedHere' : 'endRejected'),
  busy: (isIncoming) => (isIncoming ? 'endBusyHere' : 'endBusy'),
  timeout: () => 'endTimeout',
  missed: () => 'endMissed',
  accepted_elsewhere: () => 'endAcceptedElsewhere',
  rejected_elsewhere: () => 'endRejectedElsewhere',
  no_relay: () => 'endNoRelay',
  no_media: () => 'endNoMedia',
  connection_lost: () => 'endConnectionLost',
  failed: () => 'endFailed',
}

/** Name and number of the other side: `who` is whichever is known, `number` is '' where it is hidden. */
export function peerOf({ name, peer }) {
  const number = peer.endsWith('@s.whatsapp.net') ? phoneOf(peer) : ''
  return { who: name || number || words('somebody'), number: name ? number : '' }
}

/** Title of a call, and how its mark looks: `waiting`, `talking` or `off`. */
export function describeCall(call) {
  const { look, title } = STATES[call.state]
  return { look, title: capital(words(title(call), { who: peerOf(call).who })) }
}

/** What this browser does in a call, by the state of its voice; `listensOnly`: it has no microphone. */
export function describePart({ state, listensOnly }, { sound }) {
  if (state === 'connected' && sound?.isMuted) return words('partMuted')
  if (state === 'connected' && listensOnly) return words('partListening')
  return PARTS[state] ? words(PARTS[state]) : ''
}

/** Why a call ended; '' while it goes on. */
export function whyEnded({ state, reason, direction }) {
  if (state !== 'ended') return ''
  if (reason === '') return words('endUnknown')
  const [kind, code] = reason.split(':')
  if (kind === 'refused') return words('endRefused', { code })
  const key = REASONS[reason]?.(direction === 'incoming')
  return key ? words(key) : words('endOther', { reason })
}

/** How the call ended that ended last, in two sentences. */
export function describeEnd(call) {
  return words('endedBecause', { title: describeCall(call).title, why: whyEnded(call) })
}

/** Direction and fate of a call in two or three words. */
export function kindOf({ direction, state, answeredAt }) {
  const way = direction === 'incoming' ? 'incoming' : 'outgoing'
  if (state !== 'ended') return words(`${way}On`)
  return words(answeredAt === undefined ? `${way}Untaken` : way)
}

/** How the sound of a call is doing, in sentences; `isHeard` tells whether something came in the last moments. */
export function describeSound({ sound, state, isHeard }) {
  if (!sound) return { relays: words('relaysNone'), heard: words('heardNone'), codec: words('codecNone') }
  const { connected, known } = sound.relays
  return {
    relays: words('relaysConnected', { connected, known }),
    heard: heardWords(sound, { state, isHeard }),
    codec: codecWords(sound),
  }
}

function codecWords(sound) {
  if (isForeign(sound)) return words('codecForeign')
  return words(sound.codec === 'mlow' ? 'codecMlow' : 'codecOpus')
}

/** A damaged packet now and then is not another codec. */
function isForeign({ undecodable, received }) {
  return undecodable > 0 && undecodable > received / 2
}

function heardWords(sound, { state, isHeard }) {
  if (state !== 'active') return words('heardBefore')
  if (isHeard && isForeign(sound)) return words('heardForeign')
  return words(isHeard ? 'heardSound' : 'heardSilent')
}

/** What else happens in a call, which both sides should know of. */
export function besides({ sound }) {
  return [
    sound?.recording && words('recorded'),
    sound?.playing?.state === 'playing' && words('filePlays', { file: sound.playing.file }),
    sound?.hasLine && words('programIn'),
  ]
    .filter(Boolean)
    .join(' ')
}

/** `4:07`, or `1:04:07`. */
export function clockOf(seconds) {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const shown = parts[0] > 0 ? parts : parts.slice(1)
  return shown.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

/** What the server says of a call that failed, and the key of what a person should do about it; first match wins. */
const ADVICE = [
  [/not ringing/i, 'notRinging'],
  [/another call/i, 'anotherCall'],
  [/not on whatsapp/i, 'noWhatsapp'],
  [/call not found|has ended/i, 'callOver'],
]

/** The sentence for what went wrong with a call. */
export function adviseCall(error) {
  if (error.advice) return error.advice
  const key = ADVICE.find(([said]) => said.test(error.message))?.[1]
  return key ? words(key) : advise(error)
}

function capital(text) {
  return text.replace(/^./, (first) => first.toUpperCase())
}
