import { z } from 'zod'
import { type Endpoint, get } from '../../../http/endpoint/endpoint.ts'
import { text } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import {
  type BusinessLink,
  type BusinessProfile,
  businessProfile,
  resolveBusinessLink,
} from '../../../operations/business/profile.ts'
import { answer } from '../envelope.ts'
import { person } from '../shapes/addresses.ts'
import { asked } from '../shapes/asked.ts'

const profileShape = z.object({
  jid: z.string(),
  address: z.string(),
  email: z.string(),
  categories: z.array(z.object({ id: z.string(), name: z.string() })).optional(),
  profile_options: z.record(z.string(), z.string()).optional(),
  business_hours: z
    .array(
      z.object({
        day_of_week: z.string(),
        mode: z.string(),
        open_time: z.string().describe('Minutes after midnight'),
        close_time: z.string(),
      }),
    )
    .optional(),
  business_hours_timezone: z.string().optional(),
})

/** A profile in that shape; lists that are empty are left out. */
function profileFields(profile: BusinessProfile): z.infer<typeof profileShape> {
  const { jid, address, email, categories, options, hours, hoursTimeZone } = profile
  return {
    jid,
    address,
    email,
    ...(categories.length > 0 && { categories }),
    ...(Object.keys(options).length > 0 && { profile_options: options }),
    ...(hours.length > 0 && {
      business_hours: hours.map(({ dayOfWeek, mode, openTime, closeTime }) => ({
        day_of_week: dayOfWeek,
        mode,
        open_time: openTime,
        close_time: closeTime,
      })),
    }),
    ...(hoursTimeZone !== '' && { business_hours_timezone: hoursTimeZone }),
  }
}

export const businessEndpoints: Endpoint[] = [
  get('/business/{jid}/profile', {
    summary: 'Describe a business',
    needs: 'stored',
    params: z.object({ jid: person }),
    run: asked(businessProfile, { 404: 'Business profile not found' }),
    input: ({ params }) => params.jid,
    reply: answer('Success get business profile', profileShape, profileFields),
  }),

  get('/business/link/{code}', {
    summary: 'Find out where the link of a business leads: its code, or the whole link percent-encoded',
    needs: 'stored',
    params: z.object({ code: text(limits.url) }),
    run: asked(resolveBusinessLink, {
      404: 'that business message link does not exist or has been revoked',
    }),
    input: ({ params }) => params.code,
    reply: answer(
      'Success resolve business message link',
      z.object({
        jid: z.string(),
        push_name: z.string(),
        verified_name: z.string(),
        verified_level: z.string(),
        is_signed: z.boolean(),
        message: z.string(),
      }),
      ({ jid, pushName, verifiedName, verifiedLevel, isSigned, message }: BusinessLink) => ({
        jid,
        push_name: pushName,
        verified_name: verifiedName,
        verified_level: verifiedLevel,
        is_signed: isSigned,
        message,
      }),
    ),
  }),
]
