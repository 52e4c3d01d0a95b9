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
  linked: {
    title: ({ jid }) => (jid ? `Linked as ${phoneOf(jid)}` : 'Linked'),
    detail: () => 'Messages can be sent and received.',
    actions: ['disconnect', 'logout'],
  },
  loggedOut: {
    title: () => 'Logged out',
    detail: () => 'This device is no longer linked. Press Connect and scan a new code.',
    actions: ['connect'],
  },
}

/**
 * Names the state of a session.
 * @param {{connected: boolean, loggedIn: boolean, jid: string, qr: string}} now as the server reports it
 * @param {{state?: string, wanted?: boolean}} before the last state shown, and whether Connect was just pressed
 */
export function nameState(now, before) {
  if (now.loggedIn && now.connected) return 'linked'
  if (now.connected) return now.qr ? 'scan' : 'connecting'
  if (before.wanted) return 'connecting'
  if (before.state === 'scan' || before.state === 'expired') return 'expired'
  const wasLinked = before.state === 'linked' || before.state === 'loggedOut'
  return wasLinked && !now.jid ? 'loggedOut' : 'off'
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
