import type { XmlNode } from '../../events/event-parts.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { xmlNode } from '../../whatsapp/wire/node.ts'
import { ask, element } from '../ask.ts'

/** Where WhatsApp announces new messages while no connection is open, as whatsmeow's `push.go` writes it. */
export type PushTarget =
  | { platform: 'fcm'; token: string }
  | { platform: 'apns'; token: string; voipToken: string; messageIdKey: Uint8Array }
  | { platform: 'web'; endpoint: string; auth: Uint8Array; p256dh: Uint8Array }

const NAMESPACE = 'urn:xmpp:whatsapp:push'

/** Registers where pushes go; the one before is replaced. Throws as `ask`. */
export async function setPushTarget(session: LiveSession, target: PushTarget): Promise<void> {
  await ask(session, { xmlns: NAMESPACE, type: 'set' }, element('config', attributesOf(target)))
}

/** What WhatsApp says of pushes to this device: its answer as it is. Throws as `ask`. */
export async function readPushSettings(session: LiveSession): Promise<XmlNode> {
  return xmlNode(await ask(session, { xmlns: NAMESPACE, type: 'get' }, element('settings', {})))
}

function attributesOf(target: PushTarget): Record<string, string> {
  switch (target.platform) {
    case 'fcm':
      return { id: target.token, num_acc: '1', platform: 'fcm' }
    case 'web':
      return {
        platform: 'web',
        endpoint: target.endpoint,
        auth: Buffer.from(target.auth).toString('base64'),
        p256dh: Buffer.from(target.p256dh).toString('base64'),
      }
    case 'apns':
      return {
        id: target.token,
        platform: 'apple',
        version: '2',
        reg_push: '1',
        preview: '1',
        default: 'note.m4r',
        groups: 'node.m4r',
        call: 'Opening.m4r',
        ...(target.messageIdKey.length > 0 && {
          pkey: Buffer.from(target.messageIdKey).toString('base64url'),
        }),
        ...(target.voipToken !== '' && { voip: target.voipToken }),
      }
  }
}
