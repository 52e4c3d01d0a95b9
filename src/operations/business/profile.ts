import { ApiError } from '../../lib/errors.ts'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { child, children, childrenOf, textOf } from '../../whatsapp/wire/node.ts'
import { answered, ask, element, refusalCode, textElement } from '../ask.ts'
import { ANSWER_TIMEOUT_MS, ownJid, requireBusiness } from './own-business.ts'

/** What a business tells about itself; '' for what it leaves out. */
export interface BusinessProfile {
  jid: string
  description: string
  address: string
  email: string
  websites: string[]
  categories: { id: string; name: string }[]
  /** IANA name: `America/Sao_Paulo`. */
  hoursTimeZone: string
  hours: BusinessHours[]
  /** Further settings as WhatsApp names them: `commerce_experience`, `cart_enabled`, ... */
  options: Record<string, string>
}

/** When a business is open on one day. */
export interface BusinessHours {
  /** `sun`, `mon`, ... */
  dayOfWeek: string
  /** `specific_hours`, `open_24h` or `appointment_only`. */
  mode: string
  /** Minutes after midnight, '' unless `mode` is `specific_hours`. */
  openTime: string
  closeTime: string
}

/** The profile of a business, '' = of the account itself; throws `not_found` for an account that is none. */
export async function businessProfile(session: LiveSession, whose: string): Promise<BusinessProfile> {
  const jid = whose || ownJid(session)
  // The version decides what is in the answer; this is the one the library asks for.
  const wanted = element('business_profile', { v: '244' }, [element('profile', { jid })])
  const answer = await ask(session, { xmlns: 'w:biz', type: 'get' }, wanted)
  const profile = child(child(answer, 'business_profile'), 'profile')
  if (!profile) throw new ApiError('not_found', { text: 'this account is not a business' })
  const hours = child(profile, 'business_hours')
  return {
    jid: profile.attrs.jid ?? jid,
    description: textOf(child(profile, 'description')),
    address: textOf(child(profile, 'address')),
    email: textOf(child(profile, 'email')),
    websites: childrenOf(profile, 'website').map(textOf),
    categories: childrenOf(child(profile, 'categories'), 'category').map((category) => ({
      id: category.attrs.id ?? '',
      name: textOf(category),
    })),
    hoursTimeZone: hours?.attrs.timezone ?? '',
    hours: childrenOf(hours, 'business_hours_config').map(({ attrs }) => ({
      dayOfWeek: attrs.day_of_week ?? '',
      mode: attrs.mode ?? '',
      openTime: attrs.open_time ?? '',
      closeTime: attrs.close_time ?? '',
    })),
    options: optionsOf(child(profile, 'profile_options')),
  }
}

function optionsOf(options: BinaryNode | undefined): Record<string, string> {
  return Object.fromEntries((options ? children(options) : []).map((option) => [option.tag, textOf(option)]))
}

/** What to change of the account's own profile; what is left out stays, '' takes it away. */
export interface BusinessProfileChange {
  description?: string
  address?: string
  email?: string
}

/**
 * Changes the account's own business profile. Throws `missing_field` when there is nothing to change, `forbidden` for an
 * account that is no business, and `upstream_refused` when WhatsApp does not take a text.
 */
export async function updateBusinessProfile(
  session: LiveSession,
  { description, address, email }: BusinessProfileChange,
): Promise<void> {
  const given = Object.entries({ address, description, email }).flatMap(([tag, text]) =>
    text === undefined ? [] : [textElement(tag, text)],
  )
  if (given.length === 0)
    throw new ApiError('missing_field', { text: 'say what to change: description, address or email' })
  await requireBusiness(session)
  const change = element('business_profile', { v: '3', mutation_type: 'delta' }, given)
  await ask(session, { xmlns: 'w:biz', type: 'set', timeoutMs: ANSWER_TIMEOUT_MS }, change)
}

/** Where a business's link (`wa.me/message/…`) leads. */
export interface BusinessLink {
  jid: string
  /** What the business calls itself. */
  pushName: string
  /** '' when WhatsApp vouches for none. */
  verifiedName: string
  /** `high`, `low` or `unknown`; '' when not said. */
  verifiedLevel: string
  isSigned: boolean
  /** What the chat's input is filled with, '' = nothing. */
  message: string
}

const NOT_FOUND = 404

/** Looks up where the link of a business, or its code, leads. Throws `not_found` when it leads nowhere. */
export async function resolveBusinessLink(session: LiveSession, codeOrLink: string): Promise<BusinessLink> {
  const wanted = element('qr', { code: codeOf(codeOrLink) })
  // Queries about codes name no recipient.
  const answer = await ask(session, { xmlns: 'w:qr', type: 'get', to: '' }, wanted).catch(
    (cause: unknown) => {
      if (refusalCode(cause) !== NOT_FOUND) throw cause
      throw new ApiError('not_found', { text: 'business message link not found' }, { cause })
    },
  )
  const link = answered(answer, 'qr')
  const business = child(link, 'business')?.attrs
  return {
    jid: link.attrs.jid ?? '',
    pushName: link.attrs.notify ?? '',
    verifiedName: business?.verified_name ?? '',
    verifiedLevel: business?.verified_level ?? '',
    isSigned: business?.is_signed === 'true',
    message: textOf(child(link, 'message')),
  }
}

/** `https://wa.me/message/CODE`, `https://api.whatsapp.com/message/CODE?…` or the bare code. */
function codeOf(codeOrLink: string): string {
  const code = /^(?:https?:\/\/)?(?:wa\.me|api\.whatsapp\.com)\/message\/([^/?#]+)/i.exec(codeOrLink)?.[1]
  return code ?? codeOrLink
}
