import { advise } from '../../api.js'
import { phoneOf } from '../../states.js'

/** What must be known before anybody calls. */
export const CAUTION =
  'Voice calls are experimental: they are tested with the simulated WhatsApp only, not with the real service. Automated ' +
  'calls can get a number banned, and recording a call needs the consent the law asks for.'

export const SWITCHED_OFF =
  'Voice calls are off. The operator switches them on by starting the server with CALLS=on; until then calls are listed and ring on the phone alone.'

/** What a call looks like while it goes on; `who` is the other side. */
const STATES = {
  calling: { look: 'waiting', title: (who) => `Calling ${who}` },
  ringing: {
    look: 'waiting',
    title: (who, { direction }) => (direction === 'incoming' ? `${who} is calling` : `It rings at ${who}`),
  },
  connecting: { look: 'waiting', title: (who) => `Connecting with ${who}` },
  active: { look: 'talking', title: (who) => `In a call with ${who}` },
  ended: { look: 'off', title: (who) => `The call with ${who} has ended` },
}

const PARTS = {
  asking: 'Waiting for the microphone: the browser may ask you to allow it.',
  connecting: 'This browser is being connected.',
  connected: 'You talk through this browser.',
  interrupted:
    'The connection of this browser is interrupted. It comes back by itself when the network does.',
  lost: 'This browser is not in the call any more, which goes on without it. Check the network, then press Talk here.',
  unreachable:
    'This browser does not reach the server by UDP, so nothing is heard; the call goes on without it. Look at CALL_PUBLIC_IP, ' +
    'CALL_UDP_PORTS and CALL_STUN of the server, then press Talk here.',
  unplugged: 'The microphone is gone, and the other side hears silence. Plug it in, then press Talk here.',
}

/** Why a call ended, by the server's word for it; for both directions, or for each. */
const REASONS = {
  hangup: () => 'It was ended here.',
  remote_hangup: () => 'The other side ended it.',
  rejected: (isIncoming) => (isIncoming ? 'It was rejected here.' : 'The other side rejected it.'),
  busy: (isIncoming) =>
    isIncoming ? 'It was refused, since another call went on.' : 'The other side was in another call.',
  timeout: () => 'Nobody answered.',
  missed: () => 'The caller gave up before anybody answered.',
  accepted_elsewhere: () => 'Another device of this account took it.',
  rejected_elsewhere: () => 'Another device of this account rejected it.',
  no_relay: () => 'No relay of WhatsApp could be reached. Check that the server may send UDP.',
  no_media: () => 'No sound came from the other side for a minute.',
  connection_lost: () => 'The server lost its connection to WhatsApp.',
  failed: () => 'Something failed; the log of the server says more.',
}

/** Name and number of the other side: `who` is whichever is known, `number` is '' where it is hidden. */
export function peerOf({ name, peer }) {
  const number = peer.endsWith('@s.whatsapp.net') ? phoneOf(peer) : ''
  return { who: name || number || 'somebody without a number', number: name ? number : '' }
}

/** Title of a call, and how its mark looks: `waiting`, `talking` or `off`. */
export function describeCall(call) {
  const { look, title } = STATES[call.state]
  return { look, title: capital(title(peerOf(call).who, call)) }
}

/** What this browser does in a call, by the state of its voice; `listensOnly`: it has no microphone. */
export function describePart({ state, listensOnly }, { sound }) {
  if (state === 'connected' && sound?.isMuted) return 'You are muted; the other side hears silence.'
  if (state === 'connected' && listensOnly)
    return 'You listen through this browser; the other side hears silence.'
  return PARTS[state] ?? ''
}

/** Why a call ended; '' while it goes on. */
export function whyEnded({ state, reason, direction }) {
  if (state !== 'ended') return ''
  if (reason === '') return 'Nobody said why it ended.'
  const [kind, code] = reason.split(':')
  if (kind === 'refused') return `WhatsApp refused it with code ${code}.`
  return REASONS[reason]?.(direction === 'incoming') ?? `It ended: ${reason}.`
}

/** Direction and fate of a call in two or three words. */
export function kindOf({ direction, state, answeredAt }) {
  const way = direction === 'incoming' ? 'Incoming' : 'Outgoing'
  if (state !== 'ended') return `${way}, goes on`
  return answeredAt === undefined ? `${way}, not taken` : way
}

/** How the sound of a call is doing, in sentences; `isHeard` tells whether something came in the last moments. */
export function describeSound({ sound, state, isHeard }) {
  if (!sound) return { relays: 'Not connected yet', heard: 'Nothing yet', codec: 'Not agreed upon yet' }
  const { connected, known } = sound.relays
  return {
    relays: `${connected} of ${known} connected`,
    heard: heardWords(sound, { state, isHeard }),
    codec: codecWords(sound),
  }
}

function codecWords(sound) {
  if (isForeign(sound)) return 'The other side uses one that cannot be played here, MLow it seems'
  if (sound.codec === 'mlow') return 'Opus inside MLow: a phone that insists on MLow hears you'
  return 'Opus'
}

/** A damaged packet now and then is not another codec. */
function isForeign({ undecodable, received }) {
  return undecodable > 0 && undecodable > received / 2
}

function heardWords(sound, { state, isHeard }) {
  if (state !== 'active') return 'Nothing before the call is taken'
  if (isHeard && isForeign(sound)) return 'Packets come, and cannot be played'
  return isHeard ? 'Sound comes' : 'Nothing comes at the moment'
}

/** What else happens in a call, which both sides should know of. */
export function besides({ sound }) {
  return [
    sound?.recording && 'It is being recorded.',
    sound?.playing?.state === 'playing' && `A file plays: ${sound.playing.file}.`,
    sound?.hasLine && 'A program takes part.',
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

/** What a person should do about a call that failed, first match wins. */
const ADVICE = [
  [/not ringing/i, 'It does not ring any more.'],
  [/another call/i, 'Another call goes on. End that one first.'],
  [/not on whatsapp/i, 'That number has no WhatsApp account. Try another one.'],
  [/call not found|has ended/i, 'The call is over.'],
]

/** The sentence for what went wrong with a call. */
export function adviseCall(error) {
  if (error.advice) return error.advice
  return ADVICE.find(([words]) => words.test(error.message))?.[1] ?? advise(error)
}

function capital(text) {
  return text.replace(/^./, (first) => first.toUpperCase())
}
