import type { JsonObject } from '../../../events/event-parts.ts'
import { objectAt, textAt } from '../../../events/unwrap.ts'
import type { GoValue } from '../go/proto.ts'

type GoObject = { [key: string]: GoValue }

/**
 * whatsmeow's `NewsletterMetadata` of WhatsApp's own description of a channel: the known members only, enumerations in
 * lower case, instants as decimal text.
 */
export function newsletterMetadata(newsletter: JsonObject): GoObject {
  const thread = objectAt(newsletter, 'thread_metadata')
  const viewer = objectAt(newsletter, 'viewer_metadata')
  const picture = objectAt(thread, 'picture')
  const codes = objectAt(objectAt(thread, 'settings'), 'reaction_codes')
  return {
    id: textAt(newsletter, 'id'),
    state: { type: textAt(objectAt(newsletter, 'state'), 'type').toLowerCase() },
    thread_metadata: {
      creation_time: decimal(thread, 'creation_time'),
      invite: textAt(thread, 'invite'),
      name: versionedText(objectAt(thread, 'name')),
      description: versionedText(objectAt(thread, 'description')),
      subscribers_count: decimal(thread, 'subscribers_count'),
      verification: textAt(thread, 'verification').toLowerCase(),
      picture: picture ? image(picture) : null,
      preview: image(objectAt(thread, 'preview')),
      settings: { reaction_codes: { value: textAt(codes, 'value').toLowerCase() } },
    },
    viewer_metadata: viewer
      ? { mute: textAt(viewer, 'mute').toLowerCase(), role: textAt(viewer, 'role').toLowerCase() }
      : null,
  }
}

function versionedText(text: JsonObject | undefined): GoObject {
  return { text: textAt(text, 'text'), id: textAt(text, 'id'), update_time: decimal(text, 'update_time') }
}

function image(picture: JsonObject | undefined): GoObject {
  return {
    url: textAt(picture, 'url'),
    id: textAt(picture, 'id'),
    type: textAt(picture, 'type'),
    direct_path: textAt(picture, 'direct_path'),
    hash: textAt(picture, 'hash') || null,
  }
}

// WhatsApp writes large numbers as text, but not everywhere.
function decimal(parent: JsonObject | undefined, key: string): string {
  const value = parent?.[key]
  return typeof value === 'string' || typeof value === 'number' ? String(value) || '0' : '0'
}
