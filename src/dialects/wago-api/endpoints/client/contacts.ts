import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../../http/endpoint/endpoint.ts'
import { profilePictureUrl } from '../../../../operations/account/profile.ts'
import {
  type FoundContact,
  findContact,
  knownContacts,
} from '../../../../operations/contacts/address-book.ts'
import { type Blocklist, readBlocklist } from '../../../../operations/contacts/blocklist.ts'
import { userDevices } from '../../../../operations/contacts/user-info.ts'
import { commonGroups } from '../../../../operations/groups/common-groups.ts'
import { contactFields, contactShape } from '../../shapes/contact-shape.ts'
import { chat, count, onePersonOrMore, person } from '../../shapes/fields.ts'
import { result } from '../../shapes/replies.ts'

/** People in one answer; more are to be asked for with `offset`. */
const MAX_CONTACTS = 100_000

type Contacts = Awaited<ReturnType<typeof knownContacts>>

/** Where the picture of a person or group is, null without one that we may see. */
export const pictureUrl = result(z.string().nullable(), (url: string | undefined) => url ?? null)

/** `user:0@server` stands for the phone itself. */
function withDevice(jid: string): string {
  return jid.includes(':') ? jid : jid.replace('@', ':0@')
}

export const clientContactEndpoints: Endpoint[] = [
  get('/client/getContacts/{id}', {
    summary: 'List the people the account knows by name',
    needs: 'stored',
    query: z.object({
      limit: count('limit').describe(`How many at most: ${MAX_CONTACTS} when absent`),
      offset: count('offset').describe('How many to pass over'),
    }),
    run: knownContacts,
    input: ({ query }) => ({
      limit: Math.min(query.limit ?? MAX_CONTACTS, MAX_CONTACTS),
      offset: query.offset ?? 0,
    }),
    reply: reply(z.object({ contacts: z.array(contactShape) }), (contacts: Contacts) => ({
      contacts: contacts.map((contact) => contactFields(contact)),
    })),
  }),

  post('/client/getContactById/{id}', {
    summary: 'What the account knows of a person',
    needs: 'stored',
    body: z.object({ contactId: person('contactId') }),
    power: 'read',
    run: findContact,
    input: ({ body }) => body.contactId,
    reply: reply(z.object({ contact: contactShape }), (contact: FoundContact) => ({
      contact: contactFields(contact, contact.isKnown),
    })),
  }),

  post('/client/getProfilePicUrl/{id}', {
    summary: 'Where the profile picture of a person or group is',
    body: z.object({ contactId: chat('contactId').describe('A person or group') }),
    power: 'read',
    run: profilePictureUrl,
    input: ({ body }) => body.contactId,
    reply: pictureUrl,
  }),

  post('/client/getBlockedContacts/{id}', {
    summary: 'List who is blocked',
    power: 'read',
    run: readBlocklist,
    reply: reply(z.object({ blockedContacts: z.array(z.string()) }), ({ jids }: Blocklist) => ({
      blockedContacts: jids,
    })),
  }),

  post('/client/getCommonGroups/{id}', {
    summary: 'List the groups the account shares with a person',
    body: z.object({ contactId: person('contactId') }),
    power: 'read',
    run: commonGroups,
    input: ({ body }) => body.contactId,
    reply: reply(z.object({ groups: z.array(z.string()) }), (groups: string[]) => ({ groups })),
  }),

  post('/client/getContactDeviceCount/{id}', {
    summary: 'Count the devices of a person, the phone included; 0 for whoever is not on WhatsApp',
    body: z.object({ userId: person('userId') }),
    power: 'read',
    run: userDevices,
    input: ({ body }) => [body.userId],
    reply: result(z.int(), (devices: string[]) => devices.length),
  }),

  post('/client/getUserDevices/{id}', {
    summary: 'List the devices of people; none for whoever is not on WhatsApp',
    body: z.object({ userId: onePersonOrMore('userId').describe('One person, or a list') }),
    power: 'read',
    run: userDevices,
    input: ({ body }) => body.userId,
    reply: result(z.array(z.string()).describe('The phone is device 0'), (devices: string[]) =>
      devices.map(withDevice),
    ),
  }),
]
