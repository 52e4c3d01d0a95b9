/** The parts of the page that concern all users or customers. */
const PLACES = ['users', 'customers', 'deliveries', 'nodes']

/**
 * The part of the page an address names: `#/users/<id>/<section>`, `#/customers`, `#/customers/<id>`, `#/deliveries`,
 * `#/nodes`, `#/import`, `#/import/<id>`, anything else is the list of users.
 * Ids are no secrets; tokens never become part of an address.
 * @returns {{view: 'users' | 'user' | 'customers' | 'customer' | 'deliveries' | 'nodes' | 'import', id: string, section: string}}
 */
export function readRoute(hash) {
  const [place, id = '', section = ''] = hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent)
  if (place === 'users' && id !== '') return { view: 'user', id, section }
  if (place === 'customers' && id !== '') return { view: 'customer', id, section: '' }
  if (place === 'import') return { view: 'import', id, section: '' }
  return { view: PLACES.includes(place) ? place : 'users', id: '', section: '' }
}

/** The address of a user's section. */
export function userAddress(id, section = '') {
  return `#/users/${encodeURIComponent(id)}${section && `/${section}`}`
}

/** The address of a customer. */
export function customerAddress(id) {
  return `#/customers/${encodeURIComponent(id)}`
}

/** The address of an import, or of the place where one begins. */
export function importAddress(id = '') {
  return `#/import${id && `/${encodeURIComponent(id)}`}`
}
