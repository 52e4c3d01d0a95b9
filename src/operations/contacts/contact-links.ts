import { ApiError } from '../../lib/errors.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { answered, ask, element, refusalCode } from '../ask.ts'

const LINK = 'https://wa.me/qr/'
const NOT_FOUND = 404

/** The link behind the account's own QR code; a renewed one makes the old one useless. */
export async function contactLink(session: LiveSession, { renew }: { renew: boolean }): Promise<string> {
  const wanted = element('qr', { type: 'contact', action: renew ? 'revoke' : 'get' })
  // Queries about codes name no recipient.
  const answer = await ask(session, { xmlns: 'w:qr', type: 'set', to: '' }, wanted)
  return `${LINK}${codeOf(answered(answer, 'qr').attrs.code ?? '')}`
}

/** Whom a contact link leads to. */
export interface LinkedContact {
  jid: string
  /** `contact`. */
  type: string
  /** What the person calls itself, '' where WhatsApp does not say. */
  pushName: string
}

/** Looks up whose a contact link or its code is. Throws `not_found` when it is nobody's, or no longer. */
export async function resolveContactLink(session: LiveSession, codeOrLink: string): Promise<LinkedContact> {
  const wanted = element('qr', { code: codeOf(codeOrLink) })
  const answer = await ask(session, { xmlns: 'w:qr', type: 'get', to: '' }, wanted).catch(
    (cause: unknown) => {
      if (refusalCode(cause) !== NOT_FOUND) throw cause
      throw new ApiError('not_found', { text: 'Contact QR link not found' }, { cause })
    },
  )
  const { jid = '', type = '', notify: pushName = '' } = answered(answer, 'qr').attrs
  return { jid, type, pushName }
}

/** `https://wa.me/qr/CODE`, `https://api.whatsapp.com/qr/CODE?…` or the bare code. */
function codeOf(codeOrLink: string): string {
  return /^(?:https?:\/\/)?(?:wa\.me|api\.whatsapp\.com)\/qr\/([^/?#]+)/i.exec(codeOrLink)?.[1] ?? codeOrLink
}
