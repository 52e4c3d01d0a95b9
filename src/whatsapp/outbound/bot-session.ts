import { ApiError } from '../../lib/errors.ts'
import type { SharedCaches } from '../library/caches.ts'
import { parseAndInjectE2ESessions, S_WHATSAPP_NET, type WASocket } from '../library/engine.ts'
import { userPart } from '../wire/jid.ts'

/** The server of bots, in JIDs. */
const BOT = 'bot'

/**
 * Prepares a message to a bot, which the library would send to the account's own devices only: the service tells no
 * devices of bots, of which each has one, and the library asks for the keys of people only. Throws `not_found` for a bot
 * without keys, and the library's errors.
 */
export async function openBotSession(
  socket: WASocket,
  jid: string,
  { caches, userId }: { caches: SharedCaches; userId: string },
): Promise<void> {
  const user = userPart(jid)
  const device = { user, device: 0, server: BOT, domainType: 0 }
  caches.forSession(userId).userDevicesCache.set(user, [device])
  const { signalRepository } = socket
  if ((await signalRepository.validateSession(jid)).exists) return

  const answer = await socket.query({
    tag: 'iq',
    attrs: { to: S_WHATSAPP_NET, type: 'get', xmlns: 'encrypt' },
    content: [{ tag: 'key', attrs: {}, content: [{ tag: 'user', attrs: { jid } }] }],
  })
  await parseAndInjectE2ESessions(answer, signalRepository)
  if (!(await signalRepository.validateSession(jid)).exists)
    throw new ApiError('not_found', { text: 'there is no bot with this JID' })
}
