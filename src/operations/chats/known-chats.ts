import { ApiError } from '../../lib/errors.ts'
import { isGroupJid, isLidJid } from '../../lib/jid.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { refusalCode } from '../ask.ts'
import { checkNumbers } from '../contacts/contacts.ts'
import { groupInfo } from '../groups/groups.ts'

/**
 * Makes sure that a person exists before anything is sent: WhatsApp takes messages to numbers that nobody has. Whoever has
 * a LID here has been met before and is not asked for. Anything but a phone number, bare or as JID, passes. Throws
 * `not_on_whatsapp`, and as `call` does.
 */
export async function requirePerson(session: LiveSession, chat: string): Promise<void> {
  const number = /^(\d+)(?:@s\.whatsapp\.net)?$/.exec(chat)?.[1]
  if (number === undefined || isLidJid(await session.resolve(number))) return
  const [check] = await checkNumbers(session, [number])
  if (!check?.exists) throw new ApiError('not_on_whatsapp')
}

/**
 * The same for chats of every kind. A group that the account has left is still one of its chats. Throws `not_found` for a
 * group that does not exist.
 */
export async function requireChat(session: LiveSession, chat: string): Promise<void> {
  if (!isGroupJid(chat)) return requirePerson(session, chat)
  await groupInfo(session, chat).catch((cause: unknown) => {
    const code = refusalCode(cause)
    if (code === 404) throw new ApiError('not_found', { text: 'that group does not exist' }, { cause })
    if (code !== 403) throw cause
  })
}
