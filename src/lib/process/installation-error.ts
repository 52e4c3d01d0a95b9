/** What is on disk or in the database keeps a command from working; the message is a sentence for whoever runs it. */
export class InstallationError extends Error {
  override readonly name = 'InstallationError'
}

/** The code of a system error, such as `ENOENT`; undefined for every other failure. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
