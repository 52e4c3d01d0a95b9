import type { Event } from '../../../events/event.ts'
import { derivedId } from '../../../lib/ids.ts'
import { ownMember } from '../../../lib/own-member.ts'
import type { BinaryNode } from '../../library/engine.ts'
import type { Me } from '../../wire/node.ts'
import { accountSyncEvents } from './account.ts'
import { callEvents } from './calls.ts'
import { codeEvents, failureEvents, infoEvents, pairSuccessEvents, streamErrorEvents } from './connection.ts'
import { aboutEvents, identityEvents, mediaRetryEvents, pictureEvents } from './contacts.ts'
import { groupEvents } from './groups.ts'
import { integrityEvents, mexEvents, newsletterEvents } from './newsletters.ts'
import { chatstateEvents, presenceEvents } from './presence.ts'
import { receiptEvents } from './receipts.ts'
import { unavailableEvents } from './undecryptable.ts'

type Parser = (node: BinaryNode, me: Me) => Event[]

const NOTIFICATIONS: Record<string, Parser> = {
  'w:gp2': groupEvents,
  picture: pictureEvents,
  status: aboutEvents,
  encrypt: identityEvents,
  account_sync: (node, me) => accountSyncEvents(node, me),
  mediaretry: mediaRetryEvents,
  mex: (node) => [...mexEvents(node), ...integrityEvents(node)],
  // Only for codes that are typed: what is said of the others, the linking itself reads.
  link_code_companion_reg: codeEvents,
  newsletter: newsletterEvents,
}

const OFFERED_AGAIN = new Set(['receipt', 'notification', 'call'])

const STANZAS: Record<string, Parser> = {
  receipt: receiptEvents,
  presence: presenceEvents,
  chatstate: chatstateEvents,
  call: callEvents,
  iq: pairSuccessEvents,
  ib: infoEvents,
  failure: failureEvents,
  'stream:error': streamErrorEvents,
  notification: (node, me) => lookUp(NOTIFICATIONS, node.attrs.type)?.(node, me) ?? [],
  // What a message holds comes from the inbox, once it is decrypted.
  message: unavailableEvents,
}

/** The events of a stanza as it came from the server; none for stanzas that mean nothing to a receiver. */
export function stanzaEvents(node: BinaryNode, me: Me): Event[] {
  return lookUp(STANZAS, node.tag)?.(node, me) ?? []
}

/**
 * Ids for the events of a stanza that WhatsApp offers again until it is acknowledged: the same when it comes again.
 * Undefined for stanzas that come once.
 */
export function stanzaIds({ tag, attrs }: BinaryNode, events: Event[]): string[] | undefined {
  const { id, from = '', participant = '', recipient = '', type = '', t = '' } = attrs
  if (!OFFERED_AGAIN.has(tag) || !id) return undefined
  return events.map((_, index) => derivedId(tag, from, participant, recipient, id, type, t, String(index)))
}

// Tags and types come from outside: names every object has, like `constructor`, are not in the tables.
function lookUp(parsers: Record<string, Parser>, name: string | undefined): Parser | undefined {
  return name === undefined ? undefined : ownMember(parsers, name)
}
