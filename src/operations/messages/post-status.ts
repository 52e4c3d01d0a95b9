import { ApiError } from '../../lib/errors.ts'
import { STATUS_JID } from '../../lib/jid.ts'
import { statusFonts, type TextStatusContent, textStatusContent } from '../../whatsapp/content/status.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import type { Addressed } from './addressed.ts'
import { type ImageMessage, sendImage, sendVideo, type VideoMessage } from './send-media.ts'

// Whom a post goes to, the session finds out: those whom the account's privacy settings let see it.

const LARGEST_COLOUR = 0xffffffff

export type TextStatus = Pick<Addressed, 'id'> & TextStatusContent

/** Posts a text as a status. Throws `missing_field` without a text, and `invalid_field` for a colour or font that is none. */
export async function postTextStatus(session: LiveSession, { id, ...content }: TextStatus): Promise<Sent> {
  const { text, textColor = 0, backgroundColor = 0, font = 0 } = content
  if (text.trim() === '') throw new ApiError('missing_field', { text: 'a status needs a text' })
  for (const colour of [textColor, backgroundColor]) {
    if (!Number.isSafeInteger(colour) || colour < 0 || colour > LARGEST_COLOUR)
      throw new ApiError('invalid_field', { text: `a colour is a whole number from 0 to ${LARGEST_COLOUR}` })
  }
  if (!statusFonts.includes(font))
    throw new ApiError('invalid_field', { text: `the fonts are ${statusFonts.join(', ')}` })
  return session.send({ to: STATUS_JID, id, ...textStatusContent(content) })
}

/** A font that phones have: the plain one in place of a number that is none. */
export function fontOrPlain(font: number): number {
  return statusFonts.includes(font) ? font : 0
}

export type ImageStatus = Omit<ImageMessage, 'to' | 'viewOnce' | 'quoted'>

/** Posts a picture as a status. Throws as `sendImage` does. */
export function postImageStatus(session: LiveSession, image: ImageStatus): Promise<Sent> {
  return sendImage(session, { ...image, to: STATUS_JID })
}

export type VideoStatus = Omit<VideoMessage, 'to' | 'viewOnce' | 'quoted'>

/** Posts a video as a status. Throws as `sendVideo` does. */
export function postVideoStatus(session: LiveSession, video: VideoStatus): Promise<Sent> {
  return sendVideo(session, { ...video, to: STATUS_JID })
}
