import { ApiError } from '../../lib/errors.ts'
import { isGroupJid, isLidJid } from '../../lib/jid.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { refusalCode } from '../ask.ts'
import { checkNumbers } from '../contacts/contacts.ts'
import { userDevices } from '../contacts/user-info.ts'
import { groupInfo } from '../groups/groups.ts'

/**
 * Makes sure that a person exists before anything is sent: WhatsApp takes messages to numbers that nobody has. Whose other
 * identity is known here has been met before and is not asked for. Anything but a person passes. Throws
 * `not_on_whatsapp`, and as `call` does.
 */
export async function requirePerson(session: LiveSession, chat: string): Promise<void> {
  const [, user, server = 's.whatsapp.net'] = /^(\d+)(?:@(s\.whatsapp\.net|lid))?$/.exec(chat) ?? []
  // Of a pair that was learnt, either number leads to the LID.
  if (user === undefined || isLidJid(await session.resolve(user))) return
  const exists = server === 'lid' ? await hasDevices(session, chat) : await isNumberOf(session, user)
  if (!exists) throw new ApiError('not_on_whatsapp')
}

async function isNumberOf(session: LiveSession, number: string): Promise<boolean> {
  const [check] = await checkNumbers(session, [number])
  return check?.exists === true
}

/** LIDs cannot be looked up as numbers are. */
async function hasDevices(session: LiveSession, lid: string): Promise<boolean> {
  return (await userDevices(session, [lid])).length > 0
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
