import { z } from 'zod'
import { text, textUpTo } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import { phoneProblem } from './fields.ts'

/** The chat in the path of a route. What it is, is looked at after the body, as in the original. */
export const chatPath = z.object({
  chat_jid: textUpTo(limits.address, z.string()).describe('Phone number with country code, or JID'),
})

/** The message in the path of a route. */
export const messagePath = z.object({ message_id: textUpTo(limits.messageId, z.string()) })

/** An address in a body, under its documented name and without underscore; `addressIn` reads it. */
export const address = text(limits.address)

/** The kinds of addresses that are no chats to write to here. */
const CLOSED = ['newsletter', 'broadcast', 'bot', 'call']

/**
 * The chat that an address names: the JID of a group, a LID, or the digits of a number. The original's rules: bare numbers
 * count as people, texts with a hyphen as groups, and servers that nobody knows are passed over. Throws `invalid_field`,
 * `not_found` for a group that cannot be, and `not_on_whatsapp` for what nobody can be written at.
 */
export function chatOf(given: string): string {
  const [, user = given, server = ''] = /^(.*)@([^@]*)$/.exec(given) ?? []
  if (server === 'g.us' || (server === '' && given.includes('-'))) return groupOf(user)
  if (CLOSED.includes(server) || user.includes(':')) throw new ApiError('not_on_whatsapp')
  if (server === 'lid') {
    if (!/^\d{1,20}$/.test(user)) throw new ApiError('not_on_whatsapp')
    return `${user}@lid`
  }
  return numberOf(user)
}

/** The same as a JID, as shared settings and receipts name chats. */
export function chatJidOf(given: string): string {
  return jidOf(chatOf(given))
}

/** A person in a body, as a JID without device; undefined for ''. Throws as `chatOf` does. */
export function personOf(given: string): string | undefined {
  if (given === '') return undefined
  const jid = chatJidOf(given.replace(/:\d+@/, '@'))
  if (jid.endsWith('@g.us')) throw new ApiError('invalid_field', { text: 'sender_jid must name a person' })
  return jid
}

/** The JID of an address that `chatOf` has read. */
export function jidOf(chat: string): string {
  return chat.includes('@') ? chat : `${chat}@s.whatsapp.net`
}

function groupOf(user: string): string {
  if (!/^\d{5,20}(-\d{5,20})?$/.test(user)) throw groupProblem(404)
  return `${user}@g.us`
}

const NO_MEMBERS = 'failed to get group members'

/** What sends and the original say of a group that does not exist (404), or that the account is not in (403). */
export function groupProblem(refusal: 403 | 404, cause?: unknown): ApiError {
  return refusal === 404
    ? new ApiError('not_found', { text: `${NO_MEMBERS}: that group does not exist` }, { cause })
    : new ApiError('forbidden', { text: `${NO_MEMBERS}: you're not participating in that group` }, { cause })
}

function numberOf(given: string): string {
  const digits = given.replace(/^\+/, '')
  const problem = phoneProblem(digits)
  // Here the original's sentences begin with a capital.
  if (problem !== undefined) throw invalid(problem.replace(/^p/, 'P'))
  return digits
}

function invalid(sentence: string): ApiError {
  return new ApiError('invalid_field', { text: sentence })
}

/** A chat whose timer is set: what cannot have one is refused in the original's words. */
export function timedChatOf(given: string): string {
  try {
    return chatOf(given)
  } catch (cause) {
    const text = `can't set disappearing time in a ${given} chat`
    throw cause instanceof ApiError ? new ApiError('invalid_field', { text }, { cause }) : cause
  }
}

/** The chat of a message or poll in a body, in both spellings. */
export const chatFields = { chat_jid: address, chatjid: address }

/** The chat that these name. Throws `missing_field`, and as `chatOf` does. */
export function chatIn(body: { chat_jid: string; chatjid: string }): string {
  return chatOf(requireAddress(oneOf(body.chat_jid, body.chatjid), NO_CHAT))
}

/** The sentence for a body that names no chat. */
export const NO_CHAT = 'chat_jid is required'

/** The value of a field under the first of its spellings that was used; '' for none. */
export function oneOf(...spellings: string[]): string {
  return spellings.find((given) => given.trim() !== '') ?? ''
}

/** A value that must be there. Throws `missing_field`. */
export function requireAddress(given: string, sentence: string): string {
  if (given === '') throw new ApiError('missing_field', { text: sentence })
  return given.trim()
}

/** A person that is asked about: a JID without its device, or a number. Throws `invalid_field` in the original's words. */
export function personAskedAbout(given: string): string {
  const [user = '', server = given, ...rest] = given.split('@')
  const number = user.replace(/:\d+$/, '')
  const isPerson = (server === 's.whatsapp.net' || server === 'lid') && rest.length === 0
  if (isPerson && /^\d{5,20}$/.test(number)) return `${number}@${server}`
  if (server === given && /^\+?[1-9][0-9]{5,15}$/.test(given)) return jidOf(given.replace('+', ''))
  throw invalid(`unknown user server '${server}'`)
}
