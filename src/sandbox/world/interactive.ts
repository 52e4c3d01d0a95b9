import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import { child, children } from './node.ts'

/** Ack error for a stanza the service does not understand (smax-invalid). */
const REJECTED = '479'
/** Ack error for a kind of message that it takes from nobody, or not from this account. */
const NOT_ALLOWED = '405'
/** Ack error for buttons that are announced by their own name. */
const NAMED = '473'

/** What messages about payments are called; they name it in an attribute and have nothing inside. */
export const PAYMENT_FLOWS = new Set([
  'payment_info',
  'order_details',
  'order_status',
  'payment_status',
  'payment_method',
  'payment_reminder',
])
/** Kinds of buttons that only the business platform may announce. */
const PLATFORM_FLOWS = new Set(['flow', 'galaxy_message', 'open_webview', 'message_with_link'])
/** What encrypted parts say of answers to buttons and lists. */
const ANSWERS = new Set(['native_flow_response', 'buttons_response', 'list_response'])

/** The code a message with buttons is refused with; the service sees the announcement of its content and no more. */
export function interactiveRefusal(stanza: BinaryNode): string | undefined {
  const biz = child(stanza, 'biz')
  if (!biz) return undefined
  if (isAnswer(stanza)) return REJECTED
  if (child(biz, 'buttons')) return NOT_ALLOWED

  const interactive = child(biz, 'interactive')
  const { native_flow_name: payment } = biz.attrs
  if (!interactive) return payment === undefined || PAYMENT_FLOWS.has(payment) ? undefined : REJECTED
  const flow = child(interactive, 'native_flow')
  const { type, v } = interactive.attrs
  if (!flow || type !== 'native_flow' || v !== '1') return REJECTED
  const { name = '' } = flow.attrs
  if (name === 'mixed') return undefined
  return PLATFORM_FLOWS.has(name) ? NOT_ALLOWED : NAMED
}

function isAnswer(stanza: BinaryNode): boolean {
  const copies = [stanza, ...children(child(stanza, 'participants'))]
  return copies
    .flatMap((copy) => children(copy))
    .some(({ tag, attrs }) => tag === 'enc' && ANSWERS.has(attrs.mediatype ?? ''))
}
