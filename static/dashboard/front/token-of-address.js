/**
 * The token that a link brought along behind `?`, as other servers of this kind hand them out; '' where there is none. It
 * does not stay in the address: that ends up in histories, and in what is copied and sent on.
 */
export function takeTokenOfAddress() {
  const query = new URLSearchParams(location.search)
  const token = query.get('token') ?? ''
  if (token) history.replaceState(null, '', `${location.pathname}${location.hash}`)
  return token
}
