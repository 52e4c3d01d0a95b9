import { readFile } from 'node:fs/promises'
import { ApiError } from '../../lib/errors.ts'
import type { BareBase64, FileInput } from '../../lib/file-input.ts'
import { ImageError } from '../../media/convert/images.ts'
import { type LinkPictures, linkPictures } from '../../media/convert/link-pictures.ts'
import { smallJpeg } from '../../media/convert/small-jpeg.ts'
import { withScratch } from '../../media/scratch.ts'
import { adLinkContent, inviteLinkContent, type LinkContent } from '../../whatsapp/content/link.ts'
import { textContent } from '../../whatsapp/content/text.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { profilePicture } from '../account/profile.ts'
import { inviteInfo } from '../groups/groups.ts'
import { type Addressed, addressed } from './addressed.ts'
import { picturesOf } from './link-picture.ts'
import { failIn, openWorkbench } from './media-parts.ts'
import { deliver } from './send.ts'

/** A text with a link and what the card about it says. */
interface LinkMessage extends Addressed {
  text: string
  /** The link as it stands in the text. */
  link: string
  title: string
  description?: string
}

export interface LinkPreviewMessage extends LinkMessage {
  /** The picture of the card. */
  image?: FileInput | BareBase64
  /**
   * `link`: beside the title, as WhatsApp itself shows links. `card`: the same whatever the text says. `ad`: large and
   * above the text, as it shows advertisements.
   */
  form: 'link' | 'card' | 'ad'
}

const THUMBNAIL_SIDE = 192
/** Advertisements are shown over the whole width. */
const AD_SIDE = 480

/**
 * Sends a text with a card whose words the caller chooses; nothing is looked up. Throws `invalid_field` for a `link` that is
 * not in the text, for an `ad` whose link is no http(s) address, and for a picture as the sending of a picture does.
 */
export async function sendLinkPreview(session: LiveSession, message: LinkPreviewMessage): Promise<Sent> {
  const { image, form } = message
  // Phones look for the link in the text, to make it one; an advertisement has an address of its own.
  if (form === 'link') checkLink(message)
  else if (form === 'ad') checkAddress(message.link)
  const { to, id, image: _picture, form: _form, ...content } = await addressed(session, message)
  const pictures = image ? await readPictures(session, image, form) : {}
  const { text, link, title, description = '', ...context } = content
  const shown = await picturesOf(session, to, pictures)
  const card = { ...context, text, preview: { link, title, description, ...shown } }
  const sent = form === 'ad' ? adLinkContent(card) : { message: textContent(card) }
  return session.send({ to, id, ...sent })
}

function readPictures(
  session: LiveSession,
  file: FileInput | BareBase64,
  form: LinkPreviewMessage['form'],
): Promise<LinkPictures> {
  return withScratch(async (scratch) => {
    const { given } = await openWorkbench(session, { file, kind: 'image', scratch })
    const bytes = await readFile(given.path)
    const made = form === 'ad' ? adPicture(bytes) : linkPictures(bytes)
    return made.catch((cause: unknown) => {
      const sentence = cause instanceof Error ? cause.message : String(cause)
      return failIn('thumbnail')(new ImageError(sentence, { cause }))
    })
  })
}

/** Advertisements have their picture inside. */
async function adPicture(bytes: Uint8Array): Promise<LinkPictures> {
  return { thumbnail: (await smallJpeg(bytes, AD_SIDE)).bytes }
}

export type InviteLinkMessage = LinkMessage

const INVITE = /^(?:https?:\/\/)?chat\.whatsapp\.com\/(?:invite\/)?([\w-]{10,64})(?:\?.*)?$/i

/**
 * Sends an invitation to a group by its link, with the group's picture when that can be had. Whether the link still leads
 * somewhere is not asked: a phone says so to whoever follows it. Throws `invalid_field` for another link.
 */
export async function sendGroupInvite(session: LiveSession, message: InviteLinkMessage): Promise<Sent> {
  checkLink(message)
  const [, code] = INVITE.exec(message.link) ?? []
  if (!code)
    throw new ApiError('invalid_field', { text: 'this is no link of a group: https://chat.whatsapp.com/…' })
  const picture = async () => pictureOf(session, (await inviteInfo(session, code)).jid)
  return deliver(session, await withPicture(message, picture), inviteLinkContent)
}

export type CatalogLinkMessage = LinkMessage

const CATALOG = /^(?:https?:\/\/)?(?:www\.)?wa\.me\/(?:c|p\/\d+)\/(\d{5,15})(?:\?.*)?$/i

/**
 * Sends a link to somebody's catalogue or to a product in it, with the business's picture when that can be had. Any account
 * may send it; whether that business has a catalogue is not asked. Throws `invalid_field` for another link.
 */
export async function sendCatalogLink(session: LiveSession, message: CatalogLinkMessage): Promise<Sent> {
  checkLink(message)
  const [, phone] = CATALOG.exec(message.link) ?? []
  if (!phone)
    throw new ApiError('invalid_field', { text: 'this is no link of a catalogue: https://wa.me/c/…' })
  const picture = () => pictureOf(session, `${phone}@s.whatsapp.net`)
  const card = await withPicture(message, picture)
  return deliver(session, card, (content) => ({ message: textContent(content) }))
}

/** A message is worth sending without the picture, so no failure of it is told. */
async function withPicture(
  { link, title, description = '', ...content }: LinkMessage,
  find: () => Promise<Uint8Array | undefined>,
): Promise<Addressed & LinkContent> {
  const thumbnail = await find().catch(() => undefined)
  return { ...content, preview: { link, title, description, thumbnail } }
}

async function pictureOf(session: LiveSession, jid: string): Promise<Uint8Array | undefined> {
  const found = await profilePicture(session, { jid, preview: true })
  if (!found) return undefined
  const picture = await session.media.fetchPicture(session.user, found.directPath || found.url)
  return (await smallJpeg(picture, THUMBNAIL_SIDE)).bytes
}

function checkLink({ link, text }: Pick<LinkMessage, 'link' | 'text'>): void {
  if (link === '' || !text.includes(link))
    throw new ApiError('invalid_field', { text: 'the matched text must be a part of the text' })
}

function checkAddress(link: string): void {
  const { protocol } = URL.canParse(link) ? new URL(link) : { protocol: '' }
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new ApiError('invalid_field', { text: 'the matched URL is no http(s) address' })
}
