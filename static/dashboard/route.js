/** What an address names instead of a section so that a phone is linked at once. */
export const LINK_NOW = 'link'

/** The parts of the page that concern all users or customers. */
const PLACES = ['users', 'customers', 'deliveries', 'activity', 'nodes', 'logins']

/**
 * The part of the page an address names: `#/users/<id>/<section>/<item>`, `#/customers`, `#/customers/<id>`, `#/deliveries`,
 * `#/activity`, `#/nodes`, `#/logins`, `#/import`, `#/import/<id>`, anything else is the list of users.
 * Ids are no secrets; tokens never become part of an address.
 * @returns {{view: 'users' | 'user' | 'customers' | 'customer' | 'deliveries' | 'activity' | 'nodes' | 'logins' | 'import', id: string,
 *   section: string, item: string}}
 */
export function readRoute(hash) {
  const [place, id = '', section = '', item = ''] = hash
    .replace(/^#\/?/, '')
    .split('/')
    .map(decodeURIComponent)
  if (place === 'users' && id !== '') return { view: 'user', id, section, item }
  if (place === 'customers' && id !== '') return { view: 'customer', id, section: '', item: '' }
  if (place === 'import') return { view: 'import', id, section: '', item: '' }
  return { view: PLACES.includes(place) ? place : 'users', id: '', section: '', item: '' }
}

/** The address of a user's section, or of one thing in it: a chat by its JID. */
export function userAddress(id, section = '', item = '') {
  return `#/users/${encodeURIComponent(id)}${section && `/${section}`}${item && `/${encodeURIComponent(item)}`}`
}

/** The address of a customer. */
export function customerAddress(id) {
  return `#/customers/${encodeURIComponent(id)}`
}

/** The address of an import, or of the place where one begins. */
export function importAddress(id = '') {
  return `#/import${id && `/${encodeURIComponent(id)}`}`
}
