/** The user and password of an address, as bytes: what they mean is the other end's business. */
export function credentialsOf({ username, password }: URL): { username: Buffer; password: Buffer } {
  return { username: unescaped(username), password: unescaped(password) }
}

/** `Basic …` for the user and password of an address, if it has any. */
export function basicAuthorization(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined
  const { username, password } = credentialsOf(url)
  return `Basic ${Buffer.concat([username, Buffer.from(':'), password]).toString('base64')}`
}

/** As curl does it: a percent sign that begins no escape is one, and escapes need not make valid UTF-8. */
function unescaped(text: string): Buffer {
  const parts = text.split(/%([0-9a-f]{2})/i)
  return Buffer.concat(parts.map((part, index) => Buffer.from(part, index % 2 === 1 ? 'hex' : 'utf8')))
}
