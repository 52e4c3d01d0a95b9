import { z } from 'zod'
import { type Endpoint, get, post } from '../../../http/endpoint/endpoint.ts'
import { limits } from '../../../lib/limits.ts'
import {
  type BusinessLink,
  type BusinessProfile,
  businessProfile,
  resolveBusinessLink,
} from '../../../operations/business/profile.ts'
import { type Bot, listBots } from '../../../operations/contacts/bots.ts'
import { person, required } from '../shapes/fields.ts'
import { result } from '../shapes/replies.ts'

const profile = z.object({
  jid: z.string(),
  description: z.string(),
  address: z.string(),
  email: z.string(),
  websites: z.array(z.string()),
  categories: z.array(z.object({ id: z.string(), name: z.string() })),
  businessHoursTimeZone: z.string(),
  businessHours: z.array(
    z.object({
      dayOfWeek: z.string().describe('sun, mon, …'),
      mode: z.string().meta({ enum: ['specific_hours', 'open_24h', 'appointment_only'] }),
      openTime: z.string().describe('Minutes after midnight'),
      closeTime: z.string(),
    }),
  ),
  profileOptions: z.record(z.string(), z.string()),
})

const link = z.object({
  jid: z.string(),
  pushName: z.string(),
  verifiedName: z.string(),
  isSigned: z.boolean(),
  verifiedLevel: z.string(),
  message: z.string().describe("What the chat's input is filled with"),
})

const bot = z.object({
  jid: z.string(),
  personaId: z.string(),
  name: z.string(),
  description: z.string(),
  category: z.string(),
  commands: z.array(z.object({ name: z.string(), description: z.string() })),
  prompts: z.array(z.string()),
})

export const businessEndpoints: Endpoint[] = [
  post('/business/getProfile/{id}', {
    summary: 'Read the profile of a business',
    body: z.object({ contactId: person('contactId') }),
    power: 'read',
    run: businessProfile,
    input: ({ body }) => body.contactId,
    reply: result(profile, ({ hours, hoursTimeZone, options, ...rest }: BusinessProfile) => ({
      ...rest,
      businessHoursTimeZone: hoursTimeZone,
      businessHours: hours,
      profileOptions: options,
    })),
  }),

  post('/business/resolveLink/{id}', {
    summary: 'Tell where the message link of a business leads',
    body: z.object({
      code: required('code', limits.url).describe('Code of a link `https://wa.me/message/…`, or the link'),
    }),
    power: 'read',
    run: resolveBusinessLink,
    input: ({ body }) => body.code,
    reply: result(link, (found: BusinessLink) => found),
  }),

  get('/bot/list/{id}', {
    summary: "List WhatsApp's AI bots with their commands and prompts",
    run: listBots,
    reply: result(z.array(bot), (bots: Bot[]) => bots),
  }),
]
