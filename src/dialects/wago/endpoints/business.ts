import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../../http/endpoint/fields.ts'
import { type Limit, limits } from '../../../lib/limits.ts'
import { type BusinessCategory, businessCategories } from '../../../operations/business/categories.ts'
import {
  type BusinessProfile,
  businessProfile,
  updateBusinessProfile,
} from '../../../operations/business/profile.ts'
import { ifGiven } from '../../shared/address-fields.ts'
import { missing, person } from '../shapes/fields.ts'
import { done } from '../shapes/replies.ts'

const profile = reply(
  z.object({
    JID: z.string(),
    Description: z.string(),
    Address: z.string(),
    Email: z.string(),
    Websites: z.array(z.string()),
    Categories: z.array(z.object({ ID: z.string(), Name: z.string() })),
    ProfileOptions: z.record(z.string(), z.string()),
    BusinessHoursTimeZone: z.string(),
    BusinessHours: z.array(
      z.object({ DayOfWeek: z.string(), Mode: z.string(), OpenTime: z.string(), CloseTime: z.string() }),
    ),
  }),
  (found: BusinessProfile) => ({
    JID: found.jid,
    Description: found.description,
    Address: found.address,
    Email: found.email,
    Websites: found.websites,
    Categories: found.categories.map(({ id, name }) => ({ ID: id, Name: name })),
    ProfileOptions: found.options,
    BusinessHoursTimeZone: found.hoursTimeZone,
    BusinessHours: found.hours.map(({ dayOfWeek, mode, openTime, closeTime }) => ({
      DayOfWeek: dayOfWeek,
      Mode: mode,
      OpenTime: openTime,
      CloseTime: closeTime,
    })),
  }),
)

/** A text that must be there and may be empty, which clears it. */
function given(name: string, limit: Limit) {
  return textUpTo(limit, z.string(missing(name))).describe('Empty for none')
}

const updated = done('Business profile updated')

export const businessEndpoints: Endpoint[] = [
  post('/business/get/profile', {
    summary: 'Describe a business; without `Jid` the account itself',
    body: z.object({ Jid: ifGiven(person('Jid')) }),
    power: 'read',
    run: businessProfile,
    input: ({ body }) => body.Jid ?? '',
    reply: profile,
  }),

  get('/business/get/categories', {
    summary: 'List the categories a business can choose from',
    run: businessCategories,
    reply: reply(
      z.object({ Categories: z.array(z.object({ Id: z.string(), Name: z.string() })) }),
      (found: BusinessCategory[]) => ({ Categories: found.map(({ id, name }) => ({ Id: id, Name: name })) }),
    ),
  }),

  post('/business/update/desc', {
    summary: 'Set the description of the own business',
    body: z.object({ Desc: given('Desc', limits.businessDescription) }),
    run: updateBusinessProfile,
    input: ({ body }) => ({ description: body.Desc }),
    reply: updated,
  }),

  post('/business/update/address', {
    summary: 'Set the address of the own business',
    body: z.object({ Address: given('Address', limits.businessAddress) }),
    run: updateBusinessProfile,
    input: ({ body }) => ({ address: body.Address }),
    reply: updated,
  }),

  post('/business/update/email', {
    summary: 'Set the e-mail address of the own business',
    body: z.object({ Email: given('Email', limits.businessEmail) }),
    run: updateBusinessProfile,
    input: ({ body }) => ({ email: body.Email }),
    reply: updated,
  }),
]
