import type { Writable } from 'node:stream'

/** Whoever read what is written is gone: nobody knows how much of the last lines has arrived. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone'
}

/** Where lines are written for another program. */
export interface LineOutput {
  /** Whether somebody may still read. */
  readonly isOpen: boolean
  /** Writes one line; resolves when the system has taken it, which is when the reader makes room. Rejects with ReaderGone. */
  write(line: string): Promise<void>
  /** Calls `listener` once when the reader has gone, also when that was before. */
  onGone(listener: () => void): void
}

/** Writes lines to a stream. */
function lineOutput(stream: Writable): LineOutput {
  const write = stream.write.bind(stream)
  let isOpen = true
  const listeners = new Set<() => void>()
  const end = () => {
    if (!isOpen) return
    isOpen = false
    for (const listener of listeners) listener()
  }
  stream.on('error', end).on('close', end)
  return {
    get isOpen() {
      return isOpen
    },
    write: (line) =>
      new Promise((resolve, reject) => {
        if (!isOpen) return reject(new ReaderGone('the reader of the output has gone'))
        write(`${line}\n`, (error) => {
          if (!error) return resolve()
          end()
          reject(new ReaderGone('the reader of the output has gone', { cause: error }))
        })
      }),
    onGone(listener) {
      if (isOpen) listeners.add(listener)
      else listener()
    },
  }
}

/**
 * Takes standard output for lines alone: what else is printed in this process, by whatever library, goes to standard error
 * from now on.
 */
export function takeStandardOutput(): LineOutput {
  const output = lineOutput(process.stdout)
  process.stdout.write = process.stderr.write.bind(process.stderr)
  return output
}
