import type { AccountEvent, ContactEvent } from '../../../events/event.ts'
import type { PrivacySettings } from '../../../events/event-parts.ts'
import { bare, canonical } from '../../../lib/jid.ts'
import type { BinaryNode } from '../../library/engine.ts'
import { children, type Me, numberAttr } from '../../wire/node.ts'

/** WhatsApp's names of the privacy categories. */
const CATEGORIES = new Map<string, keyof PrivacySettings>(
  Object.entries({
    groupadd: 'groupAdd',
    last: 'lastSeen',
    status: 'status',
    profile: 'profile',
    readreceipts: 'readReceipts',
    online: 'online',
    calladd: 'callAdd',
    messages: 'messages',
    defense: 'defense',
    stickers: 'stickers',
  } as const),
)

const UNKNOWN_SETTINGS: PrivacySettings = {
  groupAdd: '',
  lastSeen: '',
  status: '',
  profile: '',
  readReceipts: '',
  callAdd: '',
  online: '',
  messages: '',
  defense: '',
  stickers: '',
}

/**
 * `<notification type="account_sync">`: the account's settings were changed on another own device.
 * `known` are the settings before the change; the notice names only the changed ones.
 */
export function accountSyncEvents(
  node: BinaryNode,
  me: Me,
  known: Partial<PrivacySettings> = {},
): (AccountEvent | ContactEvent)[] {
  return children(node).flatMap((part): (AccountEvent | ContactEvent)[] => {
    switch (part.tag) {
      case 'privacy':
        return [privacyEvent(part, known)]
      case 'blocklist':
        return [blocklistEvent(part)]
      case 'picture':
        return [ownPictureEvent(node, me)]
      default:
        return []
    }
  })
}

function privacyEvent(part: BinaryNode, known: Partial<PrivacySettings>): AccountEvent {
  return { type: 'account.privacy', ...privacySettings(part, known) }
}

/** The settings a `<privacy>` element names, on top of the known ones, and which those were. */
export function privacySettings(
  part: BinaryNode | undefined,
  known: Partial<PrivacySettings> = {},
): { settings: PrivacySettings; changed: (keyof PrivacySettings)[] } {
  const settings = { ...UNKNOWN_SETTINGS, ...known }
  const changed: (keyof PrivacySettings)[] = []
  for (const { tag, attrs } of part ? children(part) : []) {
    const category = tag === 'category' ? CATEGORIES.get(attrs.name ?? '') : undefined
    if (!category) continue
    settings[category] = attrs.value ?? ''
    changed.push(category)
  }
  return { settings, changed }
}

function blocklistEvent(part: BinaryNode): AccountEvent {
  return {
    type: 'account.blocklist',
    action: part.attrs.action ?? '',
    dhash: part.attrs.dhash ?? '',
    prevDhash: part.attrs.prev_dhash ?? '',
    changes: children(part)
      .filter(({ attrs }) => attrs.jid && attrs.action)
      .map(({ attrs }) => ({ jid: canonical(attrs.jid), action: attrs.action ?? '' })),
  }
}

// The notice says that the picture is another one, not which.
function ownPictureEvent(node: BinaryNode, me: Me): ContactEvent {
  const jid = bare(me.pn)
  return {
    type: 'contact.picture',
    chat: jid,
    jid,
    author: '',
    timestamp: numberAttr(node, 't'),
    removed: false,
    pictureId: '',
  }
}
