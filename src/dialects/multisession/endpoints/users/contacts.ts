import { z } from 'zod'
import { type Endpoint, get, post } from '../../../../http/endpoint/endpoint.ts'
import { requiredStringArray, text } from '../../../../http/endpoint/fields.ts'
import { limits } from '../../../../lib/limits.ts'
import { knownContacts } from '../../../../operations/contacts/address-book.ts'
import { type Blocklist, readBlocklist } from '../../../../operations/contacts/blocklist.ts'
import {
  contactLink,
  type LinkedContact,
  resolveContactLink,
} from '../../../../operations/contacts/contact-links.ts'
import { checkNumbers, type NumberCheck } from '../../../../operations/contacts/contacts.ts'
import type { UserScope } from '../../../../operations/services.ts'
import { answer } from '../../envelope.ts'
import { asked } from '../../shapes/asked.ts'
import { flag } from '../../shapes/query-values.ts'

const UNKNOWN_LINK = 'that contact QR link does not exist or has been revoked'

/** The digits of what has any; WhatsApp knows no other numbers. */
function digitsOf(phones: string[]): string[] {
  return phones.map((phone) => phone.replace(/\D/g, '')).filter((digits) => digits !== '')
}

function allContacts(scope: UserScope) {
  return knownContacts(scope)
}

type Contact = Awaited<ReturnType<typeof allContacts>>[number]

export const contactEndpoints: Endpoint[] = [
  get('/users/me/contacts', {
    summary: 'List everybody the account knows by name',
    needs: 'stored',
    run: allContacts,
    reply: answer(
      'Success get contacts',
      z.array(
        z.object({
          jid: z.string(),
          push_name: z.string(),
          business_name: z.string(),
          full_name: z.string(),
          first_name: z.string(),
        }),
      ),
      (contacts: Contact[]) =>
        contacts.map(({ jid, pushName, businessName, fullName, firstName }) => ({
          jid,
          push_name: pushName,
          business_name: businessName,
          full_name: fullName,
          first_name: firstName,
        })),
    ),
  }),

  post('/users/me/contacts/sync', {
    summary: 'Check which phone numbers are on WhatsApp',
    needs: 'stored',
    body: z.object({
      phones: requiredStringArray('phones list is required and cannot be empty', {
        each: limits.address,
        all: limits.lookUp,
      }),
    }),
    power: 'read',
    run: asked(checkNumbers),
    input: ({ body }) => digitsOf(body.phones),
    reply: answer(
      'Success sync contacts',
      z.array(
        z.object({
          phone: z.string(),
          is_registered: z.boolean(),
          jid: z.string(),
          verified_name: z.string().optional(),
        }),
      ),
      (checks: NumberCheck[]) =>
        checks.map(({ query, exists, jid, verifiedName }) => ({
          phone: `+${query}`,
          is_registered: exists,
          jid: jid || `${query}@s.whatsapp.net`,
          ...(verifiedName !== '' && { verified_name: verifiedName }),
        })),
    ),
  }),

  get('/users/me/blocklist', {
    summary: 'List who is blocked, as WhatsApp names them',
    needs: 'stored',
    run: asked(readBlocklist),
    reply: answer(
      'Success get blocklist',
      z.object({ blocked: z.array(z.string()) }),
      ({ listed }: Blocklist) => ({ blocked: listed }),
    ),
  }),

  get('/users/me/contact-qr', {
    summary: "Get the link behind the account's own QR code, or a new one in its place",
    needs: 'stored',
    query: z.object({ revoke: flag().describe('true makes a new link') }),
    power: 'full',
    run: asked(contactLink),
    input: ({ query }) => ({ renew: query.revoke }),
    reply: answer('Success get contact QR link', z.object({ link: z.string() }), (link: string) => ({
      link,
    })),
  }),

  get('/users/contact-qr/{code}', {
    summary: 'Find out whose a contact link is: its code, or the whole link percent-encoded',
    needs: 'stored',
    params: z.object({ code: text(limits.url) }),
    run: asked(resolveContactLink, { 404: UNKNOWN_LINK }),
    input: ({ params }) => params.code,
    reply: answer(
      'Success resolve contact QR link',
      z.object({ jid: z.string(), push_name: z.string(), type: z.string() }),
      ({ jid, pushName, type }: LinkedContact) => ({ jid, push_name: pushName, type }),
    ),
  }),
]
