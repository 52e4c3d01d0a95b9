import { ask } from './api.js'

/** Plays the phone: scans the code this session shows. Exists on a simulated network only. */
export function scanForMe({ token, admin }) {
  return ask('sandbox/scan', { method: 'POST', token, admin, body: {} })
}

/** Who answers on a simulated network that has no answering contact yet. */
const FIRST_CONTACT = { phone: '4915550001234', name: 'Ada', autoReply: true }

/**
 * The made-up contacts that answer; the first look makes one.
 * @returns {Promise<{phone: string, name: string}[]>} empty where the server does not tell
 */
export async function answeringContacts(admin) {
  try {
    const known = await ask('sandbox/contacts', { admin })
    const answering = known.filter(({ autoReply }) => autoReply)
    if (answering.length > 0) return answering
    return [await ask('sandbox/contacts', { method: 'POST', admin, body: FIRST_CONTACT })]
  } catch {
    // Only a convenience: without it the person types a number.
    return []
  }
}

/** What a simulated phone has sent and received, oldest first. */
export async function messagesOf(phone, { admin, signal }) {
  const digits = phone.replace(/\D/g, '')
  const { messages } = await ask(`sandbox/contacts/${digits}/messages`, { admin, signal })
  return messages
}

/** Lets a simulated phone call a number; `say` is what it says then. */
export function callFrom(phone, { admin, to, say }) {
  return ask(`sandbox/contacts/${phone}/call`, { method: 'POST', admin, body: { to, say } })
}

/** What a simulated phone does when it is called. */
export function behaveWhenCalled(phone, { admin, ...script }) {
  return ask(`sandbox/contacts/${phone}/calls`, { method: 'POST', admin, body: script })
}

/** The calls of a simulated phone, oldest first. */
export async function callsOf(phone, { admin, signal }) {
  const { calls } = await ask(`sandbox/contacts/${phone}/calls`, { admin, signal })
  return calls
}

/** What a simulated phone heard in a call, measured; nothing of it without sound. */
export function heardIn(phone, id, { admin, signal }) {
  return ask(`sandbox/contacts/${phone}/calls/${encodeURIComponent(id)}/heard`, { admin, signal })
}
