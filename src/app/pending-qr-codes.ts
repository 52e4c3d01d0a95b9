import type { Secrets } from '../lib/secrets/secrets.ts'
import type { Database } from '../store/database/database.ts'
import { findUserByToken } from '../store/users/users.ts'
import type { SessionManager } from '../whatsapp/session/manager.ts'
import type { PendingQrCodes } from './join-network.ts'

/** Where nodes tell each other the codes that wait for a phone. */
export const CODES_PAGE = '/waiting-codes'

/** The QR texts that sessions of this node wait with, by user. */
export function ownCodes(sessions: SessionManager): Record<string, string> {
  return Object.fromEntries(
    [...sessions.statuses()].flatMap(([userId, { qr }]) => (qr === '' ? [] : [[userId, qr]])),
  )
}

/** The QR texts that sessions of other nodes wait with, by user; `ask` gives what those nodes answer. */
export async function codesElsewhere(
  ask: (page: string) => Promise<unknown[]>,
): Promise<Map<string, string>> {
  const answers = await ask(CODES_PAGE)
  return new Map(
    answers
      .flatMap((answer) => Object.entries(Object(answer)))
      .filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** The codes that "scan for me" may scan. */
export function codesToScan(given: {
  db: Database
  secrets: Secrets
  sessions: SessionManager
  ask: (page: string) => Promise<unknown[]>
}): PendingQrCodes {
  const { db, secrets, sessions, ask } = given
  return {
    longest: () => sessions.waitingQr(),
    ofToken: async (token) => {
      const user = await findUserByToken(db, secrets, token)
      if (!user) return undefined
      return sessions.status(user.id)?.qr || (await codesElsewhere(ask)).get(user.id)
    },
  }
}
