import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type BinaryNode, proto } from '../../whatsapp/library/engine.ts'
import type { Account } from './account.ts'
import { node } from './node.ts'

/** What a business account shows. */
export const businessShape = z.object({
  name: z.string(),
  description: z.string().optional(),
  email: z.string().optional(),
  website: z.string().optional(),
  address: z.string().optional(),
  category: z.string().optional(),
  /** `mon`, `tue`, ... -> when it opens and closes, in minutes after midnight. */
  hours: z.record(z.string(), z.object({ open: z.int(), close: z.int() })).optional(),
  /** Further settings by WhatsApp's names. */
  options: z.record(z.string(), z.string()).optional(),
  /** Its link `wa.me/message/CODE`, and what that puts into the chat's input. */
  link: z.object({ code: z.string(), message: z.string() }).optional(),
})

/** What a business account shows. */
export type Business = z.output<typeof businessShape>

/** Since when businesses here answer for themselves (unix seconds); any moment in the past does. */
const PRIVACY_MODE_SINCE = 1_735_689_600

/** `<verified_name>` with the certificate of a business's name. Its signature is made up: clients only read the name. */
export function verifiedName(business: Business): BinaryNode {
  const details = proto.VerifiedNameCertificate.Details.encode({
    serial: 1,
    issuer: 'smb:wa',
    verifiedName: business.name,
  }).finish()
  const certificate = proto.VerifiedNameCertificate.encode({ details, signature: randomBytes(64) }).finish()
  // Kept and answered by the business itself, since it became one.
  const privacyMode = { host_storage: 1, actual_actors: 1, privacy_mode_ts: PRIVACY_MODE_SINCE }
  return node('verified_name', { v: 1, serial: 1, verified_level: 'low', ...privacyMode }, certificate)
}

/** `<profile>` of a business account as `w:biz` shows it. */
export function businessProfile(jid: string, business: Business): BinaryNode {
  const texts = {
    address: business.address,
    description: business.description,
    email: business.email,
    website: business.website,
  }
  const parts: BinaryNode[] = []
  for (const [tag, content] of Object.entries(texts)) {
    if (content) parts.push(node(tag, {}, Buffer.from(content)))
  }
  if (business.category) {
    parts.push(node('categories', {}, [node('category', { id: 1 }, Buffer.from(business.category))]))
  }
  if (business.hours) {
    const days = Object.entries(business.hours).map(([day, { open, close }]) =>
      node('business_hours_config', {
        day_of_week: day,
        mode: 'specific_hours',
        open_time: open,
        close_time: close,
      }),
    )
    parts.push(node('business_hours', { timezone: 'America/Sao_Paulo' }, days))
  }
  if (business.options) {
    const options = Object.entries(business.options).map(([name, value]) =>
      node(name, {}, Buffer.from(value)),
    )
    parts.push(node('profile_options', {}, options))
  }
  return node('profile', { jid, tag: '1' }, parts)
}

/** `<qr>` of a business's link: whose it is and what to write. */
export function businessLink(account: Account): BinaryNode {
  const { business } = account
  const parts = [
    node('business', {
      is_signed: 'true',
      verified_name: business?.name,
      verified_level: 'high',
    }),
  ]
  const message = business?.link?.message
  if (message) parts.push(node('message', {}, Buffer.from(message)))
  return node('qr', { type: 'message', jid: account.jid(), notify: account.name }, parts)
}
