/** Tokens live in this tab's session storage: reloads keep them, closing the tab forgets them. */
const KEYS = { token: 'parley.token', admin: 'parley.admin' }

/** The tokens this tab knows; an empty string for one it does not. */
export function credentials() {
  return { token: sessionStorage.getItem(KEYS.token) ?? '', admin: sessionStorage.getItem(KEYS.admin) ?? '' }
}

/** Keeps what is given: `token` of a user, `admin` of the server. */
export function remember(given) {
  for (const [name, value] of Object.entries(given)) sessionStorage.setItem(KEYS[name], value)
}

/** Forgets the user's token, or both when the person signs out. */
export function forget(...names) {
  for (const name of names) sessionStorage.removeItem(KEYS[name])
}
