import type { LiveSession } from '../../whatsapp/session/session.ts'
import { child, childrenOf, textOf } from '../../whatsapp/wire/node.ts'
import { answered, ask, element, textElement } from '../ask.ts'

/** What a business can say it is. */
export interface BusinessCategory {
  id: string
  /** In the language of the account. */
  name: string
  /** The one that says: not a business. */
  isNoBusiness: boolean
}

/**
 * The categories a business can choose from, as WhatsApp suggests them before anything is typed. The library has no such
 * query; this is the one of WhatsApp's own web client and of other public clients, as is the reading of the answer.
 */
export async function businessCategories(session: LiveSession): Promise<BusinessCategory[]> {
  const wanted = element('request', { op: 'profile_typeahead', type: 'catkit', v: '1' }, [
    textElement('query', ''),
  ])
  const answer = answered(await ask(session, { xmlns: 'fb:thrift_iq', type: 'get' }, wanted), 'response')
  const noBusiness = child(child(answer, 'not_a_biz'), 'category')?.attrs.id
  return childrenOf(child(answer, 'categories'), 'category').flatMap((category) => {
    const { id } = category.attrs
    return id ? [{ id, name: textOf(category), isNoBusiness: id === noBusiness }] : []
  })
}
