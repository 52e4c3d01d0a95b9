import type { RequestListener } from 'node:http'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { ApiError } from '../../lib/errors.ts'
import type { LineOutput } from '../../lib/process/line-output.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { LineProtocol } from '../endpoint/dialect.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { openInnerServer } from './inner-server.ts'
import { readLines } from './line-reader.ts'

/** Requests that are answered at once; further ones are not read before one of these is told. */
const MAX_AT_ONCE = 64

/** How long whoever has said its last is given to read the answers; no request takes longer. */
const LAST_ANSWERS_MS = 60_000

/** The two ends of a pipe. */
export interface Pipe {
  input: Readable
  output: LineOutput
}

export interface ServedLines {
  pipe: Pipe
  protocol: LineProtocol
  endpoints: Endpoint[]
  /** Where the endpoints are served by `app`. */
  base: string
  app: RequestListener
  log: Logger
}

/** Requests being read from a pipe. */
export interface Lines {
  /** Resolves when no more will come, and all are answered, if that is read: the input has ended, or the reader has gone. */
  ended: Promise<void>
  /** Reads no more and waits up to `graceMs` for the answers to what was read. */
  stop(graceMs: number): Promise<void>
}

/** Answers the lines of a pipe, many at once, each answer being one line. */
export function serveLines({ pipe, protocol, endpoints, base, app, log }: ServedLines): Lines {
  const { input, output } = pipe
  const ask = openInnerServer(app)
  const answer = protocol.open(endpoints, (request) =>
    ask({ ...request, path: `${base}${request.path}` }).catch((error: unknown) => {
      log.error({ err: error }, 'a request of a line was not answered')
      return { status: 500, isJson: false, body: new ApiError('internal').message }
    }),
  )
  const stopping = new AbortController()
  const atWork = new Set<Promise<void>>()

  async function work(line: string): Promise<void> {
    try {
      await output.write(await answer(line))
    } catch (error) {
      // Nobody is left to be told.
      if (output.isOpen) log.error({ err: error }, 'a line could not be answered')
    }
  }

  function begin(task: Promise<void>): void {
    const entry = task.finally(() => atWork.delete(entry))
    atWork.add(entry)
  }

  async function run(): Promise<void> {
    try {
      for await (const line of readLines(input, { maxBytes: protocol.maxBytes, signal: stopping.signal })) {
        if (line.kind === 'too long') await output.write(protocol.tooLong)
        else if (line.text !== '') begin(work(line.text))
        if (atWork.size >= MAX_AT_ONCE) await Promise.race(atWork)
      }
    } catch (error) {
      if (output.isOpen) log.error({ err: error }, 'standard input cannot be read')
    }
    await inTime(Promise.all(atWork), LAST_ANSWERS_MS)
  }

  function endReading(): void {
    stopping.abort()
    input.destroy()
  }

  output.onGone(endReading)
  const ended = run()
  return {
    ended,
    async stop(graceMs) {
      endReading()
      await inTime(ended, graceMs)
    },
  }
}

async function inTime(work: Promise<unknown>, ms: number): Promise<void> {
  await Promise.race([work, delay(ms, undefined, { ref: false })])
}
