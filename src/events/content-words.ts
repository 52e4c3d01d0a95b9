import type { Json, JsonObject } from './event-parts.ts'
import { isObject, objectAt, objectsIn, textAt } from './unwrap.ts'

/**
 * What content without a text of its own is, in words: for whoever has one field of text to show. Each takes what the
 * member of the message holds.
 */
type Words = (content: JsonObject) => string

export const albumWords: Words = ({ expectedImageCount, expectedVideoCount }) =>
  sentence('Album', counted(expectedImageCount, 'picture'), counted(expectedVideoCount, 'video'))

export const callPlanWords: Words = (call) =>
  sentence('Planned call', textAt(call, 'title'), instant(Number(call.scheduledTimestampMs ?? 0) / 1000))

/** Outcomes of a call that nobody took: missed, failed, rejected, ... 0 is a call that took place. */
export const callWords: Words = ({ isVideo, callOutcome }) => {
  const medium = isVideo === true ? 'video' : 'voice'
  return callOutcome === 1 ? `Missed ${medium} call` : capital(`${medium} call`)
}

export const contactsWords: Words = ({ contacts }) =>
  sentence('Contacts', ...objectsIn(contacts).map((card) => textAt(card, 'displayName')))

export const eventWords: Words = (event) =>
  sentence(
    event.isCanceled === true ? 'Event that is called off' : 'Event',
    textAt(event, 'name'),
    instant(event.startTime),
    textAt(objectAt(event, 'location'), 'name'),
    textAt(event, 'description'),
  )

export const eventInviteWords: Words = (invite) =>
  sentence(
    'Invitation to an event',
    textAt(invite, 'eventTitle'),
    instant(invite.startTime),
    textAt(invite, 'caption'),
  )

export const groupInviteWords: Words = (invite) =>
  sentence('Invitation to a group', textAt(invite, 'groupName'), textAt(invite, 'caption'))

export const channelAdminWords: Words = (invite) =>
  sentence('Invitation to run a channel', textAt(invite, 'newsletterName'), textAt(invite, 'caption'))

export const channelInviteWords: Words = (invite) =>
  sentence('Invitation to a channel', textAt(invite, 'newsletterName'), textAt(invite, 'caption'))

export const musicWords: Words = ({ embeddedMusic }) => {
  const music = isObject(embeddedMusic) ? embeddedMusic : undefined
  return sentence('Music', textAt(music, 'title'), textAt(music, 'author'))
}

export const orderWords: Words = (order) =>
  sentence('Order', textAt(order, 'orderTitle'), counted(order.itemCount, 'item'), textAt(order, 'message'))

export const productWords: Words = (message) => {
  const product = objectAt(message, 'product')
  // A whole catalogue comes in the same member.
  if (!product)
    return sentence('Catalogue', textAt(objectAt(message, 'catalog'), 'title'), textAt(message, 'body'))
  const price = amount(product.priceAmount1000, 1000, textAt(product, 'currencyCode'))
  return sentence('Product', textAt(product, 'title'), price, textAt(message, 'body'))
}

export const paymentWords: Words = (payment) => sentence('Payment', noteOf(payment))

export const paymentRequestWords: Words = (request) =>
  sentence(
    'Request for a payment',
    amount(request.amount1000, 1000, textAt(request, 'currencyCodeIso4217')),
    noteOf(request),
  )

export const paymentReminderWords: Words = (reminder) =>
  sentence('Reminder of a payment', textAt(reminder, 'description'), money(reminder.amount))

export const splitPaymentWords: Words = (split) =>
  sentence('Payment to share', textAt(split, 'description'), money(split.totalAmount))

export const invoiceWords: Words = (invoice) => sentence('Invoice', textAt(invoice, 'note'))

export const pollResultWords: Words = (result) =>
  sentence(
    'Result of a poll',
    textAt(result, 'name'),
    ...objectsIn(result.pollVotes).map(({ optionVoteCount = 0, ...vote }) =>
      // Whoever sends a message chooses the number.
      [textAt(vote, 'optionName'), typeof optionVoteCount === 'number' ? optionVoteCount : '']
        .join(' ')
        .trim(),
    ),
  )

export const stickerPackWords: Words = (pack) =>
  sentence('Stickers', textAt(pack, 'name'), textAt(pack, 'caption'))

/** The readable parts of what an assistant of WhatsApp answers. */
export const assistantWords: Words = ({ submessages }) =>
  objectsIn(submessages)
    .map((part) => textAt(part, 'messageText'))
    .filter((text) => text !== '')
    .join('\n')

function sentence(kind: string, ...facts: string[]): string {
  const known = facts.filter((fact) => fact !== '')
  return known.length === 0 ? kind : `${kind}: ${known.join(', ')}`
}

function counted(count: Json | undefined, noun: string): string {
  return typeof count === 'number' && count > 0 ? `${count} ${noun}${count === 1 ? '' : 's'}` : ''
}

/** An instant in unix seconds as people read it, in UTC; '' when there is none. */
function instant(seconds: Json | undefined): string {
  const date = typeof seconds === 'number' && seconds > 0 ? new Date(seconds * 1000) : undefined
  // Whoever sends a message chooses the number.
  if (!date || Number.isNaN(date.getTime())) return ''
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function money(value: Json | undefined): string {
  if (!isObject(value)) return ''
  return amount(value.value, Number(value.offset ?? 1), textAt(value, 'currencyCode'))
}

function amount(value: Json | undefined, unit: number, currency: string): string {
  if (typeof value !== 'number' || unit <= 0) return ''
  return `${(value / unit).toFixed(2)} ${currency}`.trim()
}

function noteOf(payment: JsonObject): string {
  const note = objectAt(payment, 'noteMessage')
  return textAt(note, 'conversation') || textAt(objectAt(note, 'extendedTextMessage'), 'text')
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
