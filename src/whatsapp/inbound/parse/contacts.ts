import type { ContactEvent, MediaRetryEvent } from '../../../events/event.ts'
import { bare, canonical } from '../../../lib/jid.ts'
import type { BinaryNode } from '../../library/engine.ts'
import { bytesOf, child, children, numberAttr, textOf } from '../../wire/node.ts'

/** `<notification type="picture">`: pictures of people and groups that were set, added or deleted. */
export function pictureEvents(node: BinaryNode): ContactEvent[] {
  return children(node)
    .filter(({ tag, attrs }) => ['set', 'add', 'delete'].includes(tag) && attrs.jid)
    .map(({ tag, attrs }) => ({
      type: 'contact.picture',
      chat: bare(attrs.jid),
      jid: canonical(attrs.jid),
      author: canonical(attrs.author),
      timestamp: numberAttr(node, 't'),
      removed: tag === 'delete',
      pictureId: tag === 'delete' ? '' : (attrs.id ?? ''),
    }))
}

/** `<notification type="status">`: a contact's new "about" text. */
export function aboutEvents(node: BinaryNode): ContactEvent[] {
  const set = child(node, 'set')
  const jid = canonical(node.attrs.from)
  if (!set || !jid) return []
  return [
    { type: 'contact.about', chat: bare(jid), jid, status: textOf(set), timestamp: numberAttr(node, 't') },
  ]
}

/** `<notification type="encrypt"><identity/>`: a contact's keys are new. Without the child it is about our own keys. */
export function identityEvents(node: BinaryNode): ContactEvent[] {
  const jid = canonical(node.attrs.from)
  if (!child(node, 'identity') || !jid) return []
  return [
    { type: 'contact.identity', chat: bare(jid), jid, timestamp: numberAttr(node, 't'), implicit: false },
  ]
}

/** `<notification type="mediaretry">`: the phone uploaded a file anew, or could not. */
export function mediaRetryEvents(node: BinaryNode): MediaRetryEvent[] {
  const about = child(node, 'rmr')
  if (!about?.attrs.jid || !node.attrs.id) return []
  const encrypted = child(node, 'encrypt')
  const error = child(node, 'error')
  return [
    {
      type: 'media.retry',
      chat: bare(about.attrs.jid),
      messageId: node.attrs.id,
      sender: canonical(about.attrs.participant),
      fromMe: about.attrs.from_me === 'true',
      timestamp: numberAttr(node, 't'),
      ciphertext: error ? null : base64(child(encrypted, 'enc_p')),
      iv: error ? null : base64(child(encrypted, 'enc_iv')),
      errorCode: error ? numberAttr(error, 'code') : null,
    },
  ]
}

function base64(node: BinaryNode | undefined): string | null {
  const bytes = bytesOf(node)
  return bytes ? Buffer.from(bytes).toString('base64') : null
}
