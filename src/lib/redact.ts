const secretParameters = ['token', 'admintoken', 'apikey', 'api_key', 'key', 'signature', 'password']

/** An address fit for a log line: without user, password and the values of token-like query parameters. */
export function redactUrl(address: string): string {
  const base = 'http://relative.invalid'
  if (!URL.canParse(address, base)) return '[unreadable address]'
  const url = new URL(address, base)
  url.username = ''
  url.password = ''
  for (const name of [...url.searchParams.keys()]) {
    if (secretParameters.includes(name.toLowerCase())) url.searchParams.set(name, 'redacted')
  }
  return url.href.startsWith(base) ? url.href.slice(base.length) : url.href
}

/** A phone number or JID of which only the last four digits of the user part are legible. */
export function maskPhone(jid: string): string {
  const [user = '', server] = jid.split('@')
  const masked = user.length > 4 ? `***${user.slice(-4)}` : '***'
  return server ? `${masked}@${server}` : masked
}
