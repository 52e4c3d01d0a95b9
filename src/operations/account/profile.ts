import { ApiError } from '../../lib/errors.ts'
import type { BareBase64, FileInput } from '../../lib/file-input.ts'
import { isLidJid, isPersonJid } from '../../lib/jid.ts'
import { ownMember } from '../../lib/own-member.ts'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { withoutDevice } from '../../whatsapp/wire/jid.ts'
import { child } from '../../whatsapp/wire/node.ts'
import { answered, ask, element, refusalCode } from '../ask.ts'
import { changeShared } from '../chats/chats.ts'
import { findLid } from '../contacts/lids.ts'
import { profileJpeg } from './profile-jpeg.ts'

/** Where a profile picture is; every member as WhatsApp says it, '' for what it leaves out. */
export interface ProfilePicture {
  id: string
  kind: string
  url: string
  directPath: string
  /** Base64. */
  hash: string
}

/** Whose picture is wanted: a person's or a group's, small or as large as there is. */
export interface PictureRequest {
  jid: string
  preview: boolean
}

// Four weeks, counted in whole weeks by WhatsApp; a token that is a little young stays unused.
const TOKEN_LIFETIME_SECONDS = 21 * 24 * 3600

const HIDDEN = 401
const NONE = 404

/** What whatsmeow says of somebody without a picture (`ErrProfilePictureNotSet`), and so do the dialects that show it. */
export const NO_PICTURE = 'that user or group does not have a profile picture'

/** The picture of a person or group; undefined when there is none. Throws `upstream_refused` when it is hidden from us. */
export async function profilePicture(
  session: LiveSession,
  { jid, preview }: PictureRequest,
): Promise<ProfilePicture | undefined> {
  const attrs = { type: preview ? 'preview' : 'image', query: 'url' }
  const wanted = element('picture', attrs, await trustedContactToken(session, jid))
  const question = { xmlns: 'w:profile:picture', type: 'get', target: jid } as const
  try {
    const found = child(await ask(session, question, wanted), 'picture')
    if (!found?.attrs.url) return undefined
    const { id = '', type = '', url, direct_path: directPath = '', hash = '' } = found.attrs
    return { id, kind: type, url, directPath, hash }
  } catch (error) {
    if (refusalCode(error) === NONE) return undefined
    if (refusalCode(error) !== HIDDEN) throw error
    throw new ApiError('upstream_refused', {
      refusal: { by: 'iq', code: HIDDEN },
      text: 'the user has hidden their profile picture from you',
    })
  }
}

/** Where the large picture of a person or group can be fetched; undefined when there is none that we may see. */
export async function profilePictureUrl(session: LiveSession, jid: string): Promise<string | undefined> {
  try {
    return (await profilePicture(session, { jid, preview: false }))?.url
  } catch (error) {
    if (refusalCode(error) === HIDDEN) return undefined
    throw error
  }
}

/** What a person gave us so that we see what only contacts may see. For our own picture WhatsApp would not answer at all. */
async function trustedContactToken(session: LiveSession, jid: string): Promise<BinaryNode[] | undefined> {
  const person = withoutDevice(jid)
  if (
    !isPersonJid(person) ||
    person === withoutDevice(session.me.pn) ||
    person === withoutDevice(session.me.lid)
  )
    return undefined
  // The library keeps them by LID where it knows one.
  const owner = (isLidJid(person) ? '' : await findLid(session, person)) || person
  const kept = await session.call(async ({ authState }) =>
    ownMember(await authState.keys.get('tctoken', [owner]), owner),
  )
  const isFresh = Number(kept?.timestamp ?? 0) > Date.now() / 1000 - TOKEN_LIFETIME_SECONDS
  return kept?.token.length && isFresh ? [element('tctoken', {}, kept.token)] : undefined
}

/** A new photo of a group: JPEG, as WhatsApp takes it. */
export interface GroupPhoto {
  group: string
  jpeg: Uint8Array
}

/** Gives a group a photo and resolves with its id, which the library would drop. */
export async function setGroupPhoto(session: LiveSession, { group, jpeg }: GroupPhoto): Promise<string> {
  const question = { xmlns: 'w:profile:picture', type: 'set', target: group } as const
  const answer = await ask(session, question, element('picture', { type: 'image' }, jpeg))
  return answered(answer, 'picture').attrs.id ?? ''
}

/** Gives a group a photo, any file that `profileJpeg` takes; yields the id of the photo. */
export async function setGroupPicture(
  session: LiveSession,
  { group, picture }: { group: string; picture: FileInput | BareBase64 },
): Promise<string> {
  return setGroupPhoto(session, { group, jpeg: await profileJpeg(session, picture) })
}

/** Leaves a group without a photo. */
export async function removeGroupPhoto(session: LiveSession, group: string): Promise<void> {
  await ask(session, { xmlns: 'w:profile:picture', type: 'set', target: group })
}

/** Gives the account itself a picture, any file that `profileJpeg` takes; yields the id of the picture. */
export async function setOwnPicture(session: LiveSession, given: FileInput | BareBase64): Promise<string> {
  const jpeg = await profileJpeg(session, given)
  const picture = element('picture', { type: 'image' }, jpeg)
  // A target that is the account itself gets no answer.
  const answer = await ask(session, { xmlns: 'w:profile:picture', type: 'set' }, picture)
  return answered(answer, 'picture').attrs.id ?? ''
}

/** Leaves the account without a picture. */
export async function removeOwnPicture(session: LiveSession): Promise<void> {
  await ask(session, { xmlns: 'w:profile:picture', type: 'set' })
}

/** Sets the name the account shows to people who do not have it in their address book. */
export function setPushName(session: LiveSession, name: string): Promise<void> {
  return changeShared(session, (socket) => socket.updateProfileName(name))
}

/** Sets the account's own "about" text. */
export async function setAbout(session: LiveSession, about: string): Promise<void> {
  await ask(session, { xmlns: 'status', type: 'set' }, element('status', {}, Buffer.from(about)))
}
