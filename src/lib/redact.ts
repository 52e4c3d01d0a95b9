const REDACTED = '[redacted]'

/**
 * A text without the given secrets, also as they are written in forms and inside JSON, and without NUL, which
 * PostgreSQL cannot store.
 */
export function redact(text: string, secrets: (string | undefined)[]): string {
  return secrets
    .flatMap((secret) =>
      secret ? [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)] : [],
    )
    .reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text)
    .replaceAll('\0', '\uFFFD')
}

// A shorter one is a version or a flag, and taking it out would spoil the text around it.
const SHORTEST_SECRET = 8

/** What may be secret in an address: the password, and the longer values of its query. */
export function addressSecrets(address = ''): string[] {
  if (!URL.canParse(address)) return []
  const { password, searchParams } = new URL(address)
  return [password, unescaped(password), ...searchParams.values()].filter(
    (value) => value.length >= SHORTEST_SECRET,
  )
}

/** The parser leaves an escape alone that is none. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
