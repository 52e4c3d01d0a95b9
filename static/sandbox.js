import { ask } from './api.js'

/** Plays the phone: scans the code this session shows. Exists on a simulated network only. */
export function scanForMe({ token, admin }) {
  return ask('sandbox/scan', { method: 'POST', token, admin, body: {} })
}

/**
 * The made-up contacts that answer.
 * @returns {Promise<{phone: string, name: string}[]>} empty where the server does not tell
 */
export async function contacts({ token, admin }) {
  const found = await ask('sandbox/contacts', { token, admin }).catch(() => [])
  return Array.isArray(found) ? found : []
}
