import { timingSafeEqual } from 'node:crypto'
import { orderNode } from '../world/catalog.ts'
import { child, node, text } from '../world/node.ts'
import { type Answer, type Query, type QueryFamily, refusals } from './query.ts'

/** A few of the categories there are; the real list is longer, and in the language of the account. */
const CATEGORIES: [id: string, name: string][] = [
  ['1223524174334504', 'Automotive Service'],
  ['629412378414563', 'Beauty, Spa and Salon'],
  ['1086422341396773', 'Clothing and Apparel'],
  ['2250', 'Education'],
  ['139225689474222', 'Finance'],
  ['150108431712141', 'Food and Grocery'],
  ['123377808095874', 'Hotel and Lodging'],
  ['273819889375819', 'Restaurant'],
  ['1757592557789532', 'Shopping and Retail'],
  ['1674886022742346', 'Not a Business'],
]
const NOT_A_BUSINESS = '1674886022742346'

/** `fb:thrift_iq`: orders, and the categories a business chooses from. */
export const thrift: Record<string, QueryFamily> = {
  'fb:thrift_iq'(query) {
    const { network, request, what } = query
    if (request.attrs.type === 'get' && what.tag === 'order') return readOrder(query)
    if (request.attrs.type === 'get' && what.attrs.op === 'profile_typeahead') return suggestCategories(query)
    network.noteUnknownQuery(`fb:thrift_iq ${what.tag}`)
    throw refusals.badRequest()
  },
}

function readOrder({ network, what }: Query): Answer {
  if (what.attrs.op !== 'get') throw refusals.badRequest()
  const order = network.orders.get(what.attrs.id ?? '')
  if (!order) throw refusals.notFound()
  if (!isSame(text(child(what, 'token')) ?? '', order.token)) throw refusals.notAuthorized()
  return [orderNode(network, order)]
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function suggestCategories({ what }: Query): Answer {
  const typed = child(what, 'query')
  if (what.attrs.type !== 'catkit' || what.attrs.v !== '1' || !typed) throw refusals.badRequest()
  const beginning = (text(typed) ?? '').toLowerCase()
  const found = CATEGORIES.filter(([, name]) => name.toLowerCase().startsWith(beginning))
  const category = ([id, name]: [string, string]) => node('category', { id }, Buffer.from(name))
  const noBusiness = CATEGORIES.filter(([id]) => id === NOT_A_BUSINESS)
  return [
    node('response', {}, [
      node('not_a_biz', {}, noBusiness.map(category)),
      node('categories', {}, found.map(category)),
    ]),
  ]
}
