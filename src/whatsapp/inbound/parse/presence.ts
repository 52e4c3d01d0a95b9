import type { ChatPresenceEvent, PresenceEvent } from '../../../events/event.ts'
import { bare, canonical } from '../../../lib/jid.ts'
import type { BinaryNode } from '../../library/engine.ts'
import { children, type Me, numberAttr } from '../../wire/node.ts'
import { sourceOf } from './source.ts'

/** A contact's `<presence>`. `last` is absent or `deny` when the contact hides it. */
export function presenceEvents(node: BinaryNode): PresenceEvent[] {
  const { from, type } = node.attrs
  if (!from) return []
  return [
    {
      type: 'presence',
      chat: bare(from),
      from: canonical(from),
      unavailable: type === 'unavailable',
      lastSeen: numberAttr(node, 'last'),
    },
  ]
}

/** `<chatstate>`: `<composing/>`, `<composing media="audio"/>` or `<paused/>`. Other children mean nothing to us. */
export function chatstateEvents(node: BinaryNode, me: Me): ChatPresenceEvent[] {
  const state = children(node)[0]
  if (state?.tag !== 'composing' && state?.tag !== 'paused') return []
  return [{ type: 'chat.presence', ...sourceOf(node, me), state: state.tag, media: state.attrs.media ?? '' }]
}
