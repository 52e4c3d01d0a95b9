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
export async function answeringContacts({ token, admin }) {
  try {
    const known = await ask('sandbox/contacts', { token, admin })
    const answering = known.filter(({ autoReply }) => autoReply)
    if (answering.length > 0) return answering
    return [await ask('sandbox/contacts', { method: 'POST', token, admin, body: FIRST_CONTACT })]
  } catch {
    // Only a convenience: without it the person types a number.
    return []
  }
}
