/** Tokens live in this tab's session storage: reloads keep them, closing the tab forgets them. */
const KEYS = { token: 'parley.token', admin: 'parley.admin', login: 'parley.login' }

/** The tokens this tab knows; an empty string for one it does not. */
export function credentials() {
  return Object.fromEntries(Object.keys(KEYS).map((name) => [name, sessionStorage.getItem(KEYS[name]) ?? '']))
}

/** Keeps what is given: `token` of a user, `admin` of the server, `login` of whoever looks after users. */
export function remember(given) {
  for (const [name, value] of Object.entries(given)) sessionStorage.setItem(KEYS[name], value)
}

/** Forgets all tokens of this tab. */
export function forget() {
  for (const key of Object.values(KEYS)) sessionStorage.removeItem(key)
}
