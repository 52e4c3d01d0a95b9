/**
 * The states of a session as a person reads them. Each is visible as text; colour only repeats it.
 * `actions` are the ids of the buttons that make sense in the state.
 */
const STATES = {
  off: {
    title: () => 'Not connected',
    detail: ({ jid }) =>
      jid
        ? `Linked to ${phoneOf(jid)} before; connecting again needs no scan.`
        : 'Press Connect to get a QR code for the phone.',
    actions: ['connect'],
  },
  expired: {
    title: () => 'Not connected',
    detail: () => 'Nobody scanned the code in time. Press Connect for a new one.',
    actions: ['connect'],
  },
  connecting: {
    title: () => 'Connecting',
    detail: () => 'The server is reaching WhatsApp.',
    actions: ['cancel'],
  },
  scan: {
    title: () => 'Waiting for scan',
    detail: () => 'Scan the code with the phone that should be linked.',
    actions: ['cancel'],
  },
  passkey: {
    title: () => 'WhatsApp asks for a passkey',
    detail: () =>
      'The code was scanned. Before it links, WhatsApp wants to see the passkey of this account; the page of the linking shows how.',
    actions: ['cancel'],
  },
  linked: {
    title: ({ jid }) => (jid ? `Linked as ${phoneOf(jid)}` : 'Linked'),
    detail: () => 'Messages can be sent and received.',
    actions: ['disconnect', 'logout'],
  },
  ended: {
    title: () => 'Not connected',
    detail: ({ jid }) =>
      `The session of ${phoneOf(jid)} ended. Press Connect; if a code appears, the phone has removed this device and has to scan again.`,
    actions: ['connect'],
  },
  loggedOut: {
    title: () => 'Logged out',
    detail: () => 'This device is no longer linked. Press Connect and scan a new code.',
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
