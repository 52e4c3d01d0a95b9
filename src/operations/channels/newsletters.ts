import type { Json, JsonObject } from '../../events/event-parts.ts'
import { ApiError } from '../../lib/errors.ts'
import type { FileInput } from '../../lib/file-input.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { profileJpeg } from '../account/profile-jpeg.ts'
import { ask, element } from '../ask.ts'
import { graphqlCode, isObject, type MexQuery, mex } from './mex.ts'

// The numbers are those of WhatsApp Web's stored queries.
const QUERIES = {
  subscribed: { id: '6388546374527196', path: 'xwa2_newsletter_subscribed' },
  metadata: { id: '6563316087068696', path: 'xwa2_newsletter' },
  create: { id: '8823471724422422', path: 'xwa2_newsletter_create' },
  join: { id: '24404358912487870', path: 'xwa2_newsletter_join_v2' },
  leave: { id: '9767147403369991', path: 'xwa2_newsletter_leave_v2' },
  mute: { id: '29766401636284406', path: 'xwa2_newsletter_mute_v2' },
  unmute: { id: '9864994326891137', path: 'xwa2_newsletter_unmute_v2' },
  update: { id: '24250201037901610', path: 'xwa2_newsletter_update' },
  delete: { id: '30062808666639665', path: 'xwa2_newsletter_delete_v2' },
} satisfies Record<string, MexQuery>

/** Terms of WhatsApp's, and how far the account has come with them. */
export interface TermsNotice {
  id: string
  stage: string
}

/** The terms that WhatsApp wants to see accepted before an account creates channels. */
const TERMS: TermsNotice = { id: '20601218', stage: '5' }

/** Accepts terms of WhatsApp's. */
export async function acceptTerms(session: LiveSession, { id, stage }: TermsNotice): Promise<void> {
  await ask(session, { xmlns: 'tos', type: 'set' }, element('notice', { id, stage }))
}

/** The code at the end of a channel's invite link; what is no link is the code itself. */
export function inviteCodeIn(given: string): string {
  return given.replace(/^https?:\/\/(?:www\.)?whatsapp\.com\/channel\//i, '').replace(/[/?#].*$/, '')
}

/** The channels the account follows, in WhatsApp's own description. */
export async function followedNewsletters(session: LiveSession): Promise<JsonObject[]> {
  const newsletters = await mex(session, QUERIES.subscribed, {})
  return Array.isArray(newsletters) ? newsletters.filter(isObject) : []
}

/** A channel, named by its JID or by the code of its invite link. */
export interface NewsletterKey {
  type: 'JID' | 'INVITE'
  key: string
}

/** One channel, followed or not. */
export async function newsletterInfo(session: LiveSession, input: NewsletterKey): Promise<JsonObject> {
  return one(
    await mex(session, QUERIES.metadata, {
      fetch_creation_time: true,
      fetch_full_image: true,
      fetch_viewer_metadata: true,
      input: { ...input },
    }),
  )
}

/** The same by JID, but throws `not_found` when there is no such channel. */
export async function existingNewsletter(session: LiveSession, jid: string): Promise<JsonObject> {
  return newsletterInfo(session, { type: 'JID', key: jid }).catch((error: unknown) => {
    throw graphqlCode(error) === 404 ? new ApiError('not_found', { text: 'Channel not Found' }) : error
  })
}

/** A channel to be. */
export interface NewNewsletter {
  name: string
  description: string
  /** JPEG; empty for none. */
  picture: Uint8Array
}

/** Creates a channel; accepts WhatsApp's terms for channels first, as without that it refuses. */
export async function createNewsletter(
  session: LiveSession,
  { name, description, picture }: NewNewsletter,
): Promise<JsonObject> {
  await acceptTerms(session, TERMS)
  const input = {
    name,
    ...(description && { description }),
    ...(picture.length > 0 && { picture: Buffer.from(picture).toString('base64') }),
  }
  return one(await mex(session, QUERIES.create, { input }))
}

/** Follows a channel. */
export async function joinNewsletter(session: LiveSession, jid: string): Promise<void> {
  await mex(session, QUERIES.join, { newsletter_id: jid })
}

/** Stops following a channel. */
export async function leaveNewsletter(session: LiveSession, jid: string): Promise<void> {
  await mex(session, QUERIES.leave, { newsletter_id: jid })
}

/** Turns the notifications of a channel off or on. */
export async function muteNewsletter(
  session: LiveSession,
  { jid, mute }: { jid: string; mute: boolean },
): Promise<void> {
  await mex(session, mute ? QUERIES.mute : QUERIES.unmute, { newsletter_id: jid })
}

/** A new picture of an own channel: any file that `profileJpeg` takes. */
export interface NewsletterPicture {
  jid: string
  picture: FileInput
}

/** Gives an own channel another picture. Throws as `profileJpeg` does. */
export async function setNewsletterPicture(
  session: LiveSession,
  { jid, picture }: NewsletterPicture,
): Promise<void> {
  const jpeg = await profileJpeg(session, picture)
  const updates = { picture: jpeg.toString('base64'), settings: null }
  await mex(session, QUERIES.update, { newsletter_id: jid, updates })
}

/** Deletes an own channel for everybody. */
export async function deleteNewsletter(session: LiveSession, jid: string): Promise<void> {
  await mex(session, QUERIES.delete, { newsletter_id: jid })
}

function one(newsletter: Json): JsonObject {
  if (isObject(newsletter)) return newsletter
  throw new ApiError('upstream_refused', { text: 'unexpected answer from WhatsApp' })
}
