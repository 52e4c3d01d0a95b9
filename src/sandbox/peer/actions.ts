import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import { node, unixSeconds } from '../world/node.ts'
import type { ReceivedMessage } from './peer-inbox.ts'

/** Anything but a message that reached the phone: a receipt, somebody's presence or typing, a call, a notification. */
export interface Observation {
  tag: string
  attrs: Record<string, string>
  /** Tags of the children, e.g. `composing`. */
  children: string[]
}

/** What a phone says about the messages it has received. */
export type ReceiptType = 'delivered' | 'read' | 'played'

/** A receipt as only a modified client sends it: about a message it need not have received. */
export interface ForgedReceipt {
  id: string
  type: ReceiptType | 'retry'
  /** Whose message it is meant to be: a number, or a JID that decides by which of its own the forger is named. */
  to: string
  /** JID of the group the message is meant to be in. */
  group?: string
  /** The chat, as an account's own devices name it. */
  recipient?: string
  /** For `retry`, how often it has been asked for. */
  count?: number
}

/** What a person seems to be doing in a chat. */
export type Typing = 'composing' | 'recording' | 'paused'

/** A step of a call. */
export interface CallSignal {
  kind: 'offer' | 'accept' | 'reject' | 'terminate'
  /** The call the step belongs to; a new one when absent. */
  callId?: string
  video?: boolean
  /** Why it ended, e.g. `timeout`. */
  reason?: string
}

/** One receipt for messages of the same writer in the same chat. */
export function receiptFor(messages: ReceivedMessage[], type: ReceiptType): BinaryNode {
  const [first, ...others] = messages
  const { from: to, participant } = first?.stanza ?? {}
  const items = others.map(({ id }) => node('item', { id }))
  const attrs = {
    id: first?.id,
    to,
    participant,
    type: type === 'delivered' ? undefined : type,
    t: unixSeconds(),
  }
  return node('receipt', attrs, items.length > 0 ? [node('list', {}, items)] : undefined)
}
