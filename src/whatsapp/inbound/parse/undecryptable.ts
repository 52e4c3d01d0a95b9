import type { UndecryptableEvent } from '../../../events/event.ts'
import { derivedId } from '../../../lib/ids.ts'
import type { BinaryNode } from '../../library/engine.ts'
import { child, children, type Me } from '../../wire/node.ts'
import { messageFacts } from './message-facts.ts'

/**
 * The server withheld the content of a message: `<unavailable type="view_once"/>` and no ciphertext; or it is an answer
 * of an AI bot, encrypted in a way the library does not try to read.
 */
export function unavailableEvents(stanza: BinaryNode, me: Me): UndecryptableEvent[] {
  if (child(stanza, 'enc')?.attrs.type === 'msmsg') return undecryptableEvents(stanza, me)
  const unavailable = child(stanza, 'unavailable')
  if (!unavailable || child(stanza, 'enc') || child(stanza, 'plaintext')) return []
  return [
    { ...undecryptable(stanza, me), isUnavailable: true, unavailableType: unavailable.attrs.type ?? '' },
  ]
}

/** The same for every failure to read one message: it is told of once, however often it is tried. */
export function undecryptableId({ chat, sender, id }: UndecryptableEvent): string {
  return derivedId('undecryptable', chat, sender, id)
}

/** The library could not decrypt this `<message>`; a retry is on its way. */
export function undecryptableEvents(stanza: BinaryNode, me: Me): UndecryptableEvent[] {
  return [undecryptable(stanza, me)]
}

function undecryptable(stanza: BinaryNode, me: Me): UndecryptableEvent {
  const enc = children(stanza).find(({ tag, attrs }) => tag === 'enc' && attrs['decrypt-fail'])
  return {
    type: 'message.undecryptable',
    ...messageFacts(stanza, me),
    isUnavailable: false,
    unavailableType: '',
    decryptFailMode: enc?.attrs['decrypt-fail'] ?? '',
  }
}
