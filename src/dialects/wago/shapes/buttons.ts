import { z } from 'zod'
import { listUpTo, text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import type { ButtonsMessage } from '../../../operations/messages/send-buttons.ts'
import { missing } from './fields.ts'

/** One button under a message. */
export type Button = ButtonsMessage['buttons'][number]

/**
 * A button in any of the spellings of the document: `{id, text}`, `{DisplayText, Type, Id, Url, PhoneNumber}`,
 * `{id, label, type, url}`.
 */
const button = z
  .object({
    Type: text(limits.name).describe('reply (also quickreply; default), url, webview, call or copy'),
    Text: text(limits.buttonText).describe('The label'),
    DisplayText: text(limits.buttonText).describe('Another word for it'),
    Label: text(limits.buttonText).describe('Another word for it'),
    Id: text(limits.buttonId).describe('What the answer names; what is copied; the number that is called'),
    Url: text(limits.url),
    PhoneNumber: text(limits.address),
  })
  .meta({ title: 'Button' })

/** Buttons under a message, at least one. */
export function buttonList(name: string) {
  return listUpTo(limits.buttons, z.array(button, missing(name)).min(1, missing(name)))
}

/**
 * What the operations are told of a button. Throws `missing_field` for one that lacks something, and `invalid_field` for an
 * address or a type that phones do not show: the whole message would stay invisible, and nobody would be told; and for a
 * number that nobody could call.
 */
export function buttonOf(given: z.infer<typeof button>, index: number): Button {
  const label = given.Text || given.DisplayText || given.Label
  if (label === '') throw new ApiError('missing_field', { text: missing('DisplayText') })
  const needed = (name: string, value: string): string => {
    if (value === '') throw new ApiError('missing_field', { text: missing(name) })
    return value
  }
  switch (given.Type.toLowerCase().replace(/[-_ ]/g, '')) {
    case '':
    case 'reply':
    case 'quickreply':
      return { kind: 'reply', label, id: given.Id || String(index + 1) }
    case 'url':
      return { kind: 'url', label, url: address(needed('Url', given.Url)) }
    case 'webview':
      return { kind: 'webview', label, url: address(needed('Url', given.Url)) }
    case 'call':
      return {
        kind: 'call',
        label,
        phone: number(needed('PhoneNumber', given.PhoneNumber || given.Id || given.Url)),
      }
    case 'copy':
      return { kind: 'copy', label, code: needed('Id', given.Id) }
    default:
      throw new ApiError('invalid_field', {
        text: 'the Type of a button is reply, url, webview, call or copy',
      })
  }
}

function address(url: string): string {
  const { protocol } = URL.canParse(url) ? new URL(url) : { protocol: '' }
  if (protocol === 'https:' || protocol === 'http:') return url
  throw new ApiError('invalid_field', { text: 'the Url of a button must be an http or https address' })
}

function number(phone: string): string {
  if (/^(?:tel:)?\+?[\d\s().-]+$/.test(phone) && /\d/.test(phone)) return phone
  throw new ApiError('invalid_field', { text: 'the PhoneNumber of a button must be a phone number' })
}
