import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { bool, text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import { readPrivacy } from '../../../operations/account/privacy.ts'
import {
  NO_PICTURE,
  type ProfilePicture,
  profilePicture,
  setOwnPicture,
  setPushName,
} from '../../../operations/account/profile.ts'
import { ownJid } from '../../../operations/business/own-business.ts'
import { setPresence } from '../../../operations/chats/presence.ts'
import { type Blocklist, block, readBlocklist, unblock } from '../../../operations/contacts/blocklist.ts'
import { checkNumbers, type NumberCheck } from '../../../operations/contacts/contacts.ts'
import { findPhone } from '../../../operations/contacts/lids.ts'
import { type UserInfo, userInfo } from '../../../operations/contacts/user-info.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'
import { ifGiven } from '../../shared/address-fields.ts'
import { verifiedName } from '../../shared/whatsmeow/message-info.ts'
import { privacyFields, privacyShape } from '../../shared/whatsmeow/privacy-fields.ts'
import { verifiedNameShape } from '../../shared/whatsmeow/verified-name-shape.ts'
import { chat, onePersonOrMore, onePhoneOrMore, person, required } from '../shapes/fields.ts'
import { pictureFailures, requiredPicture } from '../shapes/picture.ts'
import { done } from '../shapes/replies.ts'

const picture = reply(
  z.object({ URL: z.string(), ID: z.string(), Type: z.string(), DirectPath: z.string() }),
  (found: ProfilePicture | undefined) => {
    if (!found) throw new ApiError('not_found', { status: 500, text: NO_PICTURE })
    return { URL: found.url, ID: found.id, Type: found.kind, DirectPath: found.directPath }
  },
)

/** Without a phone it is the account's own picture. */
async function anyPicture(session: LiveSession, { jid = '', preview }: { jid?: string; preview: boolean }) {
  return profilePicture(session, { jid: jid || ownJid(session), preview })
}

interface Resolved {
  lid: string
  phone: string
}

async function resolveLid(session: LiveSession, lid: string): Promise<Resolved> {
  const phone = await findPhone(session, lid)
  if (phone === '')
    throw new ApiError('not_found', { status: 500, text: 'no phone number is known for this LID' })
  return { lid, phone }
}

/** The user part of a LID, with or without its server. */
const lid = required('LID', limits.address).transform((value, issues) => {
  const [, digits] = /^(\d{5,20})(?::\d+)?(?:@lid)?$/.exec(value) ?? []
  if (digits !== undefined) return `${digits}@lid`
  issues.addIssue({ code: 'custom', message: 'could not parse LID' })
  return z.NEVER
})

const presence = required('Presence').refine(
  (value) => value === 'available' || value === 'unavailable',
  'Presence must be available or unavailable',
)

export const userEndpoints: Endpoint[] = [
  post('/user/info', {
    summary: 'Describe people: about, picture, devices and verified name',
    body: z.object({ Phone: onePersonOrMore('Phone').describe('Phone numbers or JIDs, or one of them') }),
    power: 'read',
    run: userInfo,
    input: ({ body }) => body.Phone,
    reply: reply(
      z.object({
        Users: z
          .record(
            z.string(),
            z.object({
              Devices: z.array(z.string()),
              LID: z.string(),
              PictureID: z.string(),
              Status: z.string(),
              VerifiedName: verifiedNameShape,
            }),
          )
          .describe('By JID'),
      }),
      (found: UserInfo[], { timeZone }) => ({
        Users: Object.fromEntries(
          found.map((info) => [
            info.jid,
            {
              Devices: info.devices ?? [],
              LID: info.lid,
              PictureID: info.pictureId,
              Status: info.about,
              VerifiedName: info.verifiedName && verifiedName(info.verifiedName, timeZone),
            },
          ]),
        ),
      }),
    ),
  }),

  post('/user/check', {
    summary: 'Check whether phone numbers are on WhatsApp',
    body: z.object({ Phone: onePhoneOrMore('Phone').describe('Phone numbers, or one of them') }),
    power: 'read',
    run: checkNumbers,
    input: ({ body }) => body.Phone,
    reply: reply(
      z.object({
        Users: z.array(
          z.object({
            Query: z.string(),
            IsInWhatsapp: z.boolean(),
            JID: z.string(),
            VerifiedName: z.string(),
          }),
        ),
      }),
      (checks: NumberCheck[]) => ({
        Users: checks.map(({ query, jid, exists, verifiedName }) => ({
          Query: query,
          IsInWhatsapp: exists,
          JID: jid,
          VerifiedName: verifiedName,
        })),
      }),
    ),
  }),

  get('/user/avatar', {
    summary: "Get the account's own picture, or that of the phone in the query or the body",
    query: z.object({ Phone: ifGiven(chat('Phone')), Preview: text() }),
    body: z.object({ Phone: ifGiven(chat('Phone')), Preview: bool() }).optional(),
    run: anyPicture,
    input: ({ query, body }) => ({
      jid: query.Phone ?? body?.Phone,
      preview: query.Preview === 'true' || body?.Preview === true,
    }),
    reply: picture,
  }),

  post('/user/avatar', {
    summary: 'Get the picture of a person or group',
    body: z.object({
      Phone: chat('Phone').describe('Phone number or JID'),
      Preview: bool().describe('The small picture instead of the large one'),
    }),
    power: 'read',
    run: profilePicture,
    input: ({ body }) => ({ jid: body.Phone, preview: body.Preview }),
    reply: picture,
  }),

  get('/user/privacy', {
    summary: 'Show the privacy settings of the account',
    run: readPrivacy,
    reply: reply(privacyShape, privacyFields),
  }),

  post('/user/block', {
    summary: 'Block somebody',
    body: z.object({ Phone: person('Phone') }),
    run: block,
    input: ({ body }) => body.Phone,
    reply: done('Contact blocked'),
  }),

  post('/user/unblock', {
    summary: 'Unblock somebody',
    body: z.object({ Phone: person('Phone') }),
    run: unblock,
    input: ({ body }) => body.Phone,
    reply: done('Contact unblocked'),
  }),

  get('/user/blocklist', {
    summary: 'List who is blocked',
    run: readBlocklist,
    reply: reply(z.object({ DHash: z.string(), JIDs: z.array(z.string()) }), ({ hash, jids }: Blocklist) => ({
      DHash: hash,
      JIDs: jids,
    })),
  }),

  post('/user/profile', {
    summary: 'Give the account a picture',
    body: z.object({ Image: requiredPicture('Image') }),
    run: setOwnPicture,
    input: ({ body }) => body.Image,
    reply: reply(z.object({ Details: z.string(), PictureID: z.string() }), (id: string) => ({
      Details: 'Profile picture set',
      PictureID: id,
    })),
    failure: pictureFailures,
  }),

  post('/user/name', {
    summary: 'Rename the account',
    body: z.object({ Name: required('Name', limits.pushName) }),
    run: setPushName,
    input: ({ body }) => body.Name,
    reply: done('Profile name updated'),
  }),

  post('/user/presence', {
    summary: 'Show the account as online or offline',
    body: z.object({ Presence: presence.meta({ enum: ['available', 'unavailable'] }) }),
    run: setPresence,
    input: ({ body }) => (body.Presence === 'available' ? 'available' : 'unavailable'),
    reply: done('Presence sent'),
  }),

  post('/user/parselid', {
    summary: 'Get the phone number of a LID, as far as the session has learnt it',
    body: z.object({ LID: lid }),
    power: 'read',
    run: resolveLid,
    input: ({ body }) => body.LID,
    reply: reply(z.object({ LID: z.string(), JID: z.string() }), ({ lid, phone }: Resolved) => ({
      LID: lid,
      JID: phone,
    })),
  }),
]
