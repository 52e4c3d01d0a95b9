import type { SessionEvent } from '../../../events/event.ts'
import { canonical } from '../../../lib/jid.ts'
import { type BinaryNode, proto } from '../../library/engine.ts'
import { bytesOf, child, children, numberAttr, xmlNode } from '../../wire/node.ts'
import { tryProtoJson } from '../../wire/proto-json.ts'

/**
 * Reasons of `<failure>` that have a meaning of their own, and that the state machine reports when the socket closes:
 * logged out (401, 403, 406), banned (402), outdated (405), refused for good (400, 409, 411), token (413, 414),
 * server trouble (500, 503), where connecting anew is all there is to do.
 */
const REPORTED_ON_CLOSE = new Set([400, 401, 402, 403, 405, 406, 409, 411, 413, 414, 500, 503])

/** Stream errors that are part of normal life: restart after linking, another connection, removal, server restart. */
const EXPECTED_STREAM_ERRORS = ['515', '516', '503', '401']

/** `<iq><pair-success>`: the phone linked this device. */
export function pairSuccessEvents(node: BinaryNode): SessionEvent[] {
  const success = child(node, 'pair-success')
  if (!success) return []
  const device = child(success, 'device')
  return [
    {
      type: 'session.paired',
      jid: canonical(device?.attrs.jid),
      lid: canonical(device?.attrs.lid),
      businessName: child(success, 'biz')?.attrs.name ?? '',
      platform: child(success, 'platform')?.attrs.name ?? '',
      props: tryProtoJson(proto.ClientPairingProps, bytesOf(child(success, 'client-props'))),
    },
  ]
}

/**
 * The same stanza, when what it holds could not be accepted. It is told twice: as the answer of the server and
 * as the end of the wait for a scan.
 */
export function pairFailedEvents(node: BinaryNode, error: string): SessionEvent[] {
  return pairSuccessEvents(node).flatMap((paired): SessionEvent[] => {
    if (paired.type !== 'session.paired') return []
    const { jid, lid, businessName, platform } = paired
    const failed = { type: 'session.pair.failed', jid, lid, businessName, platform, error } as const
    return [
      { ...failed, by: 'socket' },
      { ...failed, by: 'pairing' },
    ]
  })
}

/** A step of a linking by typed code: WhatsApp replaced the code. The library takes it for the last step, in vain. */
export function codeEvents(node: BinaryNode): SessionEvent[] {
  const { stage } = child(node, 'link_code_companion_reg')?.attrs ?? {}
  return stage === 'refresh_code' ? [{ type: 'session.code.void' }] : []
}

/** `<failure>` instead of a login, for reasons nothing else reports. */
export function failureEvents(node: BinaryNode): SessionEvent[] {
  const reason = numberAttr(node, 'reason')
  if (REPORTED_ON_CLOSE.has(reason)) return []
  return [{ type: 'session.refused', reason, message: node.attrs.message ?? '', raw: xmlNode(node) }]
}

/** `<stream:error>` of a kind that does not belong to normal life. */
export function streamErrorEvents(node: BinaryNode): SessionEvent[] {
  const code = node.attrs.code ?? ''
  if (EXPECTED_STREAM_ERRORS.includes(code) || child(node, 'conflict')) return []
  return [{ type: 'session.stream.error', code, raw: xmlNode(node) }]
}

/** `<ib>`: what was missed, that all of it came, or that the phone is too old to link devices. */
export function infoEvents(node: BinaryNode): SessionEvent[] {
  return children(node).flatMap((part): SessionEvent[] => {
    switch (part.tag) {
      case 'offline_preview':
        return [
          {
            type: 'session.offline.preview',
            total: numberAttr(part, 'count'),
            appDataChanges: numberAttr(part, 'appdata'),
            messages: numberAttr(part, 'message'),
            notifications: numberAttr(part, 'notification'),
            receipts: numberAttr(part, 'receipt'),
          },
        ]
      case 'offline':
        return [{ type: 'session.offline.completed', count: numberAttr(part, 'count') }]
      case 'downgrade_webclient':
        return [{ type: 'session.phone.outdated' }]
      default:
        return []
    }
  })
}
