import type { proto } from '../../whatsapp/library/engine.ts'
import type { Account } from './account.ts'

/** Green, as ARGB. */
const BACKGROUND = 0xff25d366

/** Who sees the statuses of an account: by its choice in force, everybody in its address book before the first one. */
export function statusAudience(account: Account, contacts: readonly Account[]): Account[] {
  const [choice] = account.statusAudiences
  const others = contacts.filter((contact) => contact !== account)
  if (choice?.type === 'whitelist') return choice.list
  return choice?.type === 'blacklist' ? others.filter((contact) => !choice.list.includes(contact)) : others
}

/** A status as phones post it: a text stands on a coloured ground. */
export function asStatus({ conversation, ...message }: proto.IMessage): proto.IMessage {
  if (!conversation) return message
  return { ...message, extendedTextMessage: { text: conversation, backgroundArgb: BACKGROUND } }
}
