import { ownMember } from '../../lib/own-member.ts'

/**
 * What WhatsApp means by the code of a refused message. The codes are not documented anywhere; these are the ones the
 * clients know by name and the ones seen in practice.
 */
const MEANINGS: Record<string, string> = {
  400: 'WhatsApp could not read the message',
  401: 'this account may not write to that chat',
  403: 'this account may not write to that chat: it is no member, or only admins may write there',
  404: 'the chat does not exist',
  405: 'WhatsApp does not take this kind of message from this account, such as buttons from a business account',
  406: 'WhatsApp does not accept this message',
  413: 'the message is too large',
  420: 'too many messages in a short time; wait before sending more',
  421: "the group's list of members has changed; send again",
  429: 'too many messages in a short time; wait before sending more',
  432: "the group's list of members has changed; send again",
  463: 'WhatsApp does not let this account write to people it has not talked to: it is restricted for a while, or the contact has to write first',
  473: 'WhatsApp does not take buttons of this kind from this account',
  475: 'WhatsApp does not let this account send messages of this kind now',
  479: 'WhatsApp rejected the form of the message: the kind of message does not fit the chat, or the link to the phone is stale',
  500: 'WhatsApp had an internal error; send again',
  503: 'WhatsApp is overloaded; send again later',
}

/** Why a message was refused, as a sentence a person understands, with WhatsApp's code at its end. */
export function refusalReason(code: string): string {
  return `${ownMember(MEANINGS, code) ?? 'WhatsApp refused the message'} (${code})`
}

/** Why nobody will get a message that was taken. */
export const NOT_ON_WHATSAPP = 'not on WhatsApp: the recipient has no device that could receive it'
