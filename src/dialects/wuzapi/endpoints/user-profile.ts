import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { bool, text, textUpTo } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { isPhoneJid } from '../../../lib/jid.ts'
import { limits } from '../../../lib/limits.ts'
import {
  NO_PICTURE,
  type PictureRequest,
  type ProfilePicture,
  profilePicture,
} from '../../../operations/account/profile.ts'
import { findLid } from '../../../operations/contacts/lids.ts'
import { type UserInfo, userInfo } from '../../../operations/contacts/user-info.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'
import { goJson, ok } from '../../shared/go/envelope.ts'
import { parseLibraryJid, withoutDevice } from '../../shared/whatsmeow/jid.ts'
import { verifiedName } from '../../shared/whatsmeow/message-info.ts'
import { verifiedNameShape } from '../../shared/whatsmeow/verified-name-shape.ts'
import { required, requiredList } from '../shapes/fields.ts'
import { parseJid, requireJid } from '../shapes/jid.ts'

const user = z.object({
  Devices: z.array(z.string()).nullable(),
  LID: z.string(),
  PictureID: z.string(),
  Status: z.string(),
  VerifiedName: verifiedNameShape,
})

/** Sent in its own envelope, because in one case the answer is not even an envelope. */
const users = reply(
  z.object({
    code: z.literal(200),
    data: z.object({ Users: z.record(z.string(), user).describe('By JID') }),
    success: z.literal(true),
  }),
  (found: UserInfo[] | undefined, { profile, timeZone }) => {
    // wuzapi answers nothing at all when one of the JIDs cannot be parsed.
    if (found === undefined) return new Uint8Array()
    const fields = found.map((info) => {
      // Devices nobody knows are an empty list in the reference document, null today.
      const devices = info.devices ?? (profile === 'reference' ? [] : null)
      return [info.jid, userFields({ ...info, devices }, timeZone)]
    })
    return goJson(ok({ Users: Object.fromEntries(fields) }, 200))
  },
  { bare: true },
)

function userFields(info: UserInfo, timeZone: string) {
  return {
    Devices: info.devices,
    LID: info.lid,
    PictureID: info.pictureId,
    Status: info.about,
    VerifiedName: info.verifiedName && verifiedName(info.verifiedName, timeZone),
  }
}

/** The JIDs to look up, bare numbers being phones; undefined when one of them cannot be parsed. */
function lookUps(phones: string[]): string[] | undefined {
  try {
    const jids = phones.map((phone) => {
      const jid = parseLibraryJid(phone)
      return jid.user === '' ? `${phone.replace(/\D/g, '')}@s.whatsapp.net` : withoutDevice(jid)
    })
    // A text without digits is nobody.
    return jids.filter((jid) => !jid.startsWith('@'))
  } catch {
    return undefined
  }
}

async function infoOf(session: LiveSession, jids: string[] | undefined): Promise<UserInfo[] | undefined> {
  return jids && userInfo(session, jids)
}

const pictureRequest = z.object({
  Phone: required('Phone', limits.address).describe('Phone number or JID'),
  Preview: bool().describe('The small picture instead of the large one'),
})

const picture = z.object({
  direct_path: z.string(),
  hash: z.string().nullable(),
  id: z.string(),
  type: z.string().meta({ enum: ['image', 'preview'] }),
  url: z.string(),
})

const documentedPicture = z.object({
  DirectPath: z.string(),
  ID: z.string(),
  Type: z.string(),
  URL: z.string(),
})

async function avatarOf(session: LiveSession, request: PictureRequest): Promise<ProfilePicture> {
  const found = await profilePicture(session, request)
  if (found) return found
  throw new ApiError('not_found', { status: 500, text: NO_PICTURE })
}

function pictureFields({ id, kind, url, directPath, hash }: ProfilePicture) {
  return { direct_path: directPath, hash: hash || null, id, type: kind, url }
}

function documentedFields({ id, kind, url, directPath }: ProfilePicture) {
  return { DirectPath: directPath, ID: id, Type: kind, URL: url }
}

async function lidOf(session: LiveSession, jid: string): Promise<{ jid: string; lid: string }> {
  const lid = await lookUpLid(session, jid)
  if (lid === '') throw new ApiError('not_found', { text: 'LID not found for this number' })
  return { jid, lid }
}

async function lookUpLid(session: LiveSession, jid: string): Promise<string> {
  if (!isPhoneJid(jid)) throw noLid(`invalid GetLIDForPN call with non-PN JID ${jid}`)
  return findLid(session, jid).catch((error: unknown) => {
    throw error instanceof ApiError ? noLid(error.message) : error
  })
}

function noLid(cause: string): ApiError {
  return new ApiError('not_found', { text: `LID not found for this number: ${cause}` })
}

function requirePhoneJid(text: string, profile: string): string {
  const jid = parseJid(text, profile)
  if (jid === undefined) throw new ApiError('invalid_jid', { text: 'invalid jid format' })
  return jid
}

export const userProfileEndpoints: Endpoint[] = [
  post('/user/info', {
    summary: 'Describe people: about, picture, devices and verified name',
    body: z.object({
      Phone: requiredList('Phone', { each: limits.address, all: limits.lookUp }).describe(
        'Phone numbers or JIDs',
      ),
    }),
    power: 'read',
    run: infoOf,
    input: ({ body }) => lookUps(body.Phone),
    reply: users,
  }),

  post('/user/avatar', {
    summary: 'Get the profile picture of a person or group',
    body: pictureRequest,
    power: 'read',
    run: avatarOf,
    input: ({ body }, { profile }) => ({
      jid: requireJid(body.Phone, 'Phone', profile),
      preview: body.Preview,
    }),
    reply: reply(picture.extend(documentedPicture.partial().shape), (found: ProfilePicture, { profile }) => ({
      ...pictureFields(found),
      ...(profile === 'reference' && documentedFields(found)),
    })),
    failure: 'failed to get avatar: %s',
  }),

  get('/user/avatar', {
    summary: 'Get the profile picture of a person or group, as the reference document has it',
    profile: 'reference',
    query: z.object({ Phone: text(limits.address), Preview: text() }),
    body: z.object({ Phone: text(limits.address), Preview: bool() }).optional(),
    run: avatarOf,
    input: ({ query, body }, { profile }) => {
      const phone = query.Phone || body?.Phone || ''
      if (phone === '') throw new ApiError('missing_field', { text: 'missing Phone in Payload' })
      const preview = query.Preview === 'true' || body?.Preview === true
      return { jid: requireJid(phone, 'Phone', profile), preview }
    },
    reply: reply(documentedPicture, documentedFields, { bare: true }),
    failure: 'failed to get avatar: %s',
  }),

  get('/user/lid/{jid}', {
    summary: 'Get the LID of a phone number, as far as the session has learnt it',
    params: z.object({ jid: textUpTo(limits.address, z.string()).describe('Phone number or JID') }),
    run: lidOf,
    input: ({ params }, { profile }) => requirePhoneJid(params.jid, profile),
    reply: reply(
      z.object({ jid: z.string(), lid: z.string() }),
      (found: { jid: string; lid: string }) => found,
    ),
  }),
]
