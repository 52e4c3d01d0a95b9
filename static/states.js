import { words } from './words.js'

/**
 * The states of a session as a person reads them. Each is visible as text; colour only repeats it.
 * `actions` are the ids of the buttons that make sense in the state.
 */
const STATES = {
  off: {
    title: () => words('offTitle'),
    detail: ({ jid }) => (jid ? words('offBefore', { phone: phoneOf(jid) }) : words('offNew')),
    actions: ['connect'],
  },
  expired: {
    title: () => words('offTitle'),
    detail: () => words('expiredDetail'),
    actions: ['connect'],
  },
  connecting: {
    title: () => words('connectingTitle'),
    detail: () => words('connectingDetail'),
    actions: ['cancel'],
  },
  scan: {
    title: () => words('scanTitle'),
    detail: () => words('scanDetail'),
    actions: ['cancel'],
  },
  passkey: {
    title: () => words('passkeyTitle'),
    detail: () => words('passkeyDetail'),
    actions: ['cancel'],
  },
  linked: {
    title: ({ jid }) => (jid ? words('linkedAs', { phone: phoneOf(jid) }) : words('linkedTitle')),
    detail: () => words('linkedDetail'),
    actions: ['disconnect', 'logout'],
  },
  ended: {
    title: () => words('offTitle'),
    detail: ({ jid }) => words('endedDetail', { phone: phoneOf(jid) }),
    actions: ['connect'],
  },
  loggedOut: {
    title: () => words('loggedOutTitle'),
    detail: () => words('loggedOutDetail'),
    actions: ['connect'],
  },
}

/**
 * Names the state of a session.
 * @param {{connected: boolean, loggedIn: boolean, jid: string, qr: string, passkeyPage?: string}} now as the server
 *   reports it; `passkeyPage` while WhatsApp asks for a passkey
 * @param {{state?: string, pressed?: string}} before the state shown last, and the button pressed since:
 *   `connect`, `disconnect`, `logout` or nothing
 */
export function nameState(now, { state, pressed }) {
  if (now.loggedIn && now.connected) return 'linked'
  if (now.passkeyPage) return 'passkey'
  if (now.connected) return now.qr ? 'scan' : 'connecting'
  if (pressed === 'connect') return 'connecting'
  if (pressed === 'logout') return 'loggedOut'
  if (pressed === 'disconnect') return 'off'
  // Nobody pressed anything, so it happened by itself.
  if (state === 'scan') return 'expired'
  if (state === 'linked') return now.jid ? 'ended' : 'loggedOut'
  // After the passkey the phone is linked on another connection, if it is.
  if (state === 'passkey') return 'connecting'
  return state === 'connecting' ? 'off' : (state ?? 'off')
}

/** Title, detail and actions of a state. */
export function describeState(name, now) {
  const state = STATES[name]
  return { title: state.title(now), detail: state.detail(now), actions: state.actions }
}

/** `4915112345678:3@s.whatsapp.net` as `+4915112345678`. */
export function phoneOf(jid) {
  return `+${jid.replace(/[:@.].*$/, '')}`
}
