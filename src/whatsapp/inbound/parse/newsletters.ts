import type { NewsletterEvent, SessionEvent } from '../../../events/event.ts'
import type { JsonObject } from '../../../events/event-parts.ts'
import { objectAt, textAt } from '../../../events/unwrap.ts'
import { canonical } from '../../../lib/jid.ts'
import { type BinaryNode, proto } from '../../library/engine.ts'
import { bytesOf, child, children, childrenOf, numberAttr, textOf } from '../../wire/node.ts'
import { tryProtoJson } from '../../wire/proto-json.ts'

/** A post of a channel with its counts. */
export type NewsletterPost = Extract<NewsletterEvent, { type: 'newsletter.live' }>['messages'][number]

/** Membership changes in `<notification type="mex">`: JSON answers of WhatsApp's GraphQL service, one per `<update>`. */
export function mexEvents(node: BinaryNode): NewsletterEvent[] {
  return childrenOf(node, 'update').flatMap((update) =>
    membershipEvents(objectAt(parseObject(textOf(update)), 'data')),
  )
}

/**
 * A demand that the account prove to belong to a person, in the same notifications; WhatsApp Web reads `challenge_type` of
 * it, and its name is not known.
 */
export function integrityEvents(node: BinaryNode): SessionEvent[] {
  return childrenOf(node, 'update').flatMap((update): SessionEvent[] => {
    const data = objectAt(parseObject(textOf(update)), 'data') ?? {}
    return Object.keys(data).flatMap((name): SessionEvent[] => {
      const kind = textAt(objectAt(data, name), 'challenge_type')
      return kind === '' ? [] : [{ type: 'session.integrity.challenge', kind }]
    })
  })
}

/** New counts of a channel in `<notification type="newsletter">`. Other notices of channels carry none. */
export function newsletterEvents(node: BinaryNode): NewsletterEvent[] {
  const updates = child(node, 'live_updates')
  if (!updates) return []
  // The posts stand in a <messages> of their own, or directly inside.
  const list = child(updates, 'messages') ?? updates
  const messages = childrenOf(list, 'message')
  return [
    {
      type: 'newsletter.live',
      chat: canonical(node.attrs.from),
      timestamp: numberAttr(node, 't'),
      messages: messages.map(newsletterPost),
    },
  ]
}

function membershipEvents(data: JsonObject | undefined): NewsletterEvent[] {
  const join = objectAt(data, 'xwa2_notify_newsletter_on_join')
  if (join) return [{ type: 'newsletter.join', chat: textAt(join, 'id'), newsletter: join }]
  const leave = objectAt(data, 'xwa2_notify_newsletter_on_leave')
  if (leave) {
    return [
      { type: 'newsletter.leave', chat: textAt(leave, 'id'), role: textAt(leave, 'role').toLowerCase() },
    ]
  }
  const mute = objectAt(data, 'xwa2_notify_newsletter_on_mute_change')
  if (mute) {
    return [{ type: 'newsletter.mute', chat: textAt(mute, 'id'), mute: textAt(mute, 'mute').toLowerCase() }]
  }
  return []
}

function parseObject(text: string): JsonObject | undefined {
  try {
    // JSON.parse yields nothing but JSON; anything that is not an object has no members to find.
    return JSON.parse(text) as JsonObject
  } catch {
    // Not JSON, so not one of the notices read here.
    return undefined
  }
}

/** Reads the `<message>` of a post in a list of posts or an update of their counts. */
export function newsletterPost(node: BinaryNode): NewsletterPost {
  const reactions = child(node, 'reactions')
  return {
    serverId: numberAttr(node, 'server_id'),
    id: node.attrs.id ?? '',
    stanzaType: node.attrs.type ?? '',
    timestamp: numberAttr(node, 't'),
    views: numberAttr(child(node, 'views_count'), 'count'),
    reactions: reactions
      ? Object.fromEntries(children(reactions).map((one) => [one.attrs.code ?? '', numberAttr(one, 'count')]))
      : null,
    message: tryProtoJson(proto.Message, bytesOf(child(node, 'plaintext'))),
  }
}
