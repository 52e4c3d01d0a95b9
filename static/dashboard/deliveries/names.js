import { momentText } from '../parts/dom.js'
import { words } from './words.js'

/** The states of a delivery, in the order in which a filter offers them. */
export const STATES = ['pending', 'delivered', 'dead', 'dropped']

/** What the dialect is called whose webhooks have another first word in their names. */
const DIALECTS = { user: 'wuzapi' }

/** The receiver that a delivery goes to, in words: `wsgo`, `wuzapi, webhook 3f2a81c0`, the message queue. */
export function receiverName(target) {
  const [prefix, failed] = target.split(':')
  if (prefix === 'amqp-error') return words('toErrorQueue', { name: receiverName(failed) })
  if (target === 'global') return words('toGlobal')
  if (target === 'amqp') return words('toQueue')
  if (target === 'pipe') return words('toPipe')
  const [slot, key] = target.split('/')
  const dialect = DIALECTS[slot] ?? slot
  return key ? words('toFurther', { dialect, key }) : words('toWebhook', { dialect })
}

/** How a delivery stands, as a sentence. */
export function stateText({ state, attempts, status, latencyMs, dueAt, answer }) {
  if (state === 'dropped') return droppedText(answer)
  if (attempts === 0) return state === 'pending' ? words('waitsForTurn') : words(state)
  const tried = words('tried', { count: attempts })
  const answered = [
    status && words('withStatus', { status }),
    latencyMs !== undefined && words('inTime', { latencyMs }),
  ]
  const facts = [tried, ...answered.filter(Boolean)].join(', ')
  if (state !== 'pending') return words(`${state}After`, { facts })
  return dueAt ? words('waitsUntil', { facts, moment: momentText(dueAt) }) : words('waitsAfter', { facts })
}

/** Why something was dropped, by the server's sentence for it. */
const DROPPED = {
  'the user is gone': 'droppedUser',
  'the webhook is gone, or switched off': 'droppedWebhook',
  'the webhook no longer wants it': 'droppedUnwanted',
  'its dialect has no word for it any more': 'droppedUntold',
  'there is no message queue any more': 'droppedQueue',
}

function droppedText(reason) {
  return words(DROPPED[reason] ?? 'droppedUnwanted')
}

/** Who and where, in one line: `Ann in Family`. */
export function whereText({ person, chatName, chat }) {
  const place = chatName || chatNumber(chat)
  if (!person) return place
  return place && place !== person ? words('personIn', { person, place }) : person
}

/** A chat without a name by its number, or its address where that is no number. */
function chatNumber(chat) {
  const [user, server] = chat.split('@')
  return server === 's.whatsapp.net' ? `+${user}` : chat
}
