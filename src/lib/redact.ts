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
