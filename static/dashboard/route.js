/** The parts of the page that concern all users. */
const PLACES = ['users', 'deliveries', 'nodes']

/**
 * The part of the page an address names: `#/users/<id>/<section>`, `#/deliveries`, `#/nodes`, anything else
 * is the list of users.
 * Ids are no secrets; tokens never become part of an address.
 * @returns {{view: 'users' | 'user' | 'deliveries' | 'nodes', id: string, section: string}}
 */
export function readRoute(hash) {
  const [place, id = '', section = ''] = hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent)
  if (place === 'users' && id !== '') return { view: 'user', id, section }
  return { view: PLACES.includes(place) ? place : 'users', id: '', section: '' }
}

/** The address of a user's section. */
export function userAddress(id, section = '') {
  return `#/users/${encodeURIComponent(id)}${section && `/${section}`}`
}
