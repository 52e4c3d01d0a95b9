/** Prints a line for whoever has given the command. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

/**
 * Runs a command to its end; where it fails, `failed` and the reason are printed and the exit code is 1. What cannot be read
 * of its arguments is answered with its `usage`.
 */
export function runCommand(
  main: () => Promise<void>,
  { failed, usage = '' }: { failed: string; usage?: string },
): void {
  main().catch((error: unknown) => {
    process.stderr.write(`${failed}: ${error instanceof Error ? error.message : String(error)}\n`)
    if (error instanceof Error && 'code' in error && /^ERR_PARSE_ARGS/.test(String(error.code)))
      process.stderr.write(`${usage}\n`)
    process.exitCode = 1
  })
}
