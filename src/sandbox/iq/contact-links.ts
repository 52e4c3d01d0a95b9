import { newContactCode } from '../world/account.ts'
import { businessLink } from '../world/business.ts'
import { node } from '../world/node.ts'
import { type QueryFamily, refusals } from './query.ts'

/** `w:qr`: the code behind an account's QR code, and whose a code is: a person's, or that of a business's link. */
export const contactLinks: Record<string, QueryFamily> = {
  'w:qr'({ network, from, request, what }) {
    if (what.tag !== 'qr') throw refusals.badRequest()
    if (request.attrs.type === 'set') {
      const { account } = from
      if (what.attrs.type !== 'contact') throw refusals.badRequest()
      if (what.attrs.action === 'revoke') account.contactCode = newContactCode()
      return [node('qr', { type: 'contact', code: account.contactCode })]
    }
    const { code } = what.attrs
    const accounts = [...network.accounts.values()]
    const shop = accounts.find(({ business }) => business?.link?.code === code)
    if (shop) return [businessLink(shop)]
    const owner = accounts.find(({ contactCode }) => contactCode === code)
    if (!owner) throw refusals.notFound()
    return [node('qr', { type: 'contact', jid: owner.jid(), notify: owner.name })]
  },
}
