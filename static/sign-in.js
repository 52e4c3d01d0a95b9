import { ask, RequestFailure } from './api.js'

/**
 * One field takes every kind of token; the server knows which it is.
 * @returns {Promise<'token' | 'admin' | 'login'>} rejects with a failure of status 401 for an unknown one
 */
export async function kindOf(given) {
  const refused = (error) => {
    if (error instanceof RequestFailure && error.status === 401) return false
    // A user without a session is answered with an error of its own, which proves the token.
    if (error instanceof RequestFailure && /no session/i.test(error.message)) return true
    throw error
  }
  if (await ask('session/status', { token: given }).then(() => true, refused)) return 'token'
  if (await ask('admin/users', { admin: given }).then(() => true, refused)) return 'admin'
  await ask('parley/users', { admin: given })
  return 'login'
}
