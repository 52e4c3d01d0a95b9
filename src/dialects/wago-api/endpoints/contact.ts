import { z } from 'zod'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { bool } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { profilePictureUrl } from '../../../operations/account/profile.ts'
import { type PersonalChat, personalChat } from '../../../operations/chats/chat-list.ts'
import { block, unblock } from '../../../operations/contacts/blocklist.ts'
import {
  contactLink,
  type LinkedContact,
  resolveContactLink,
} from '../../../operations/contacts/contact-links.ts'
import { countryCode, formattedNumber } from '../../../operations/contacts/phone-numbers.ts'
import { aboutOf } from '../../../operations/contacts/user-info.ts'
import { commonGroups } from '../../../operations/groups/common-groups.ts'
import { ifGiven } from '../../shared/address-fields.ts'
import { oneOf } from '../shapes/aliases.ts'
import { chat, person, phoneNumber, required } from '../shapes/fields.ts'
import { done, result } from '../shapes/replies.ts'
import { pictureUrl } from './client/contacts.ts'
import { wording } from './client/numbers.ts'

const named = z.object({ contactId: person('contactId') })

const numbered = z.object({
  contactId: ifGiven(person('contactId')),
  number: ifGiven(phoneNumber('number')).describe('Instead of contactId'),
})

function numberOf({ contactId, number }: z.infer<typeof numbered>): string {
  return oneOf('contactId', contactId, number)
}

export const contactEndpoints: Endpoint[] = [
  post('/contact/block/{id}', {
    summary: 'Block a person',
    body: named,
    run: block,
    input: ({ body }) => body.contactId,
    reply: done,
  }),

  post('/contact/unblock/{id}', {
    summary: 'Unblock a person',
    body: named,
    run: unblock,
    input: ({ body }) => body.contactId,
    reply: done,
  }),

  post('/contact/getProfilePicUrl/{id}', {
    summary: 'Where the profile picture of a person or group is',
    body: z.object({ contactId: chat('contactId').describe('A person or group') }),
    power: 'read',
    run: profilePictureUrl,
    input: ({ body }) => body.contactId,
    reply: pictureUrl,
  }),

  post('/contact/getAbout/{id}', {
    summary: 'Get the "about" text of a person, null when it is hidden',
    body: named,
    power: 'read',
    run: aboutOf,
    input: ({ body }) => body.contactId,
    reply: result(z.string().nullable(), (about: string | undefined) => about ?? null),
  }),

  post('/contact/getChat/{id}', {
    summary: 'The chat with a person',
    needs: 'stored',
    body: named,
    power: 'read',
    run: personalChat,
    input: ({ body }) => body.contactId,
    reply: result(z.object({ id: z.string(), name: z.string() }), ({ jid, name }: PersonalChat) => ({
      id: jid,
      name,
    })),
  }),

  post('/contact/getFormattedNumber/{id}', {
    summary: "Write a person's phone number as people do",
    body: numbered,
    power: 'read',
    run: formattedNumber,
    input: ({ body }) => numberOf(body),
    reply: wording,
  }),

  post('/contact/getCountryCode/{id}', {
    summary: "Get the country code of a person's phone number",
    body: numbered,
    power: 'read',
    run: countryCode,
    input: ({ body }) => numberOf(body),
    reply: wording,
  }),

  post('/contact/getCommonGroups/{id}', {
    summary: 'List the groups the account shares with a person',
    body: named,
    power: 'read',
    run: commonGroups,
    input: ({ body }) => body.contactId,
    reply: result(z.array(z.string()), (groups: string[]) => groups),
  }),

  post('/contact/getQRLink/{id}', {
    summary: "The link behind the account's own QR code",
    body: z.object({ revoke: bool().describe('Make a new link; the old one stops working') }).optional(),
    run: contactLink,
    input: ({ body }) => ({ renew: body?.revoke ?? false }),
    reply: wording,
  }),

  post('/contact/resolveQR/{id}', {
    summary: 'Tell whose a contact link is',
    body: z.object({ code: required('code', limits.url).describe('The code, or the whole link') }),
    power: 'read',
    run: resolveContactLink,
    input: ({ body }) => body.code,
    reply: result(
      z.object({ jid: z.string(), type: z.string(), pushName: z.string() }),
      (contact: LinkedContact) => contact,
    ),
  }),
]
