import { request } from 'node:http'

/**
 * Addresses of this machine that attacks come from. Wrong tokens are counted by address, so that whoever guesses has
 * one of its own, and the programs that are to notice nothing have 127.0.0.1 for themselves.
 */
export const sources = { neighbour: '127.0.0.2', guesser: '127.0.0.3' }

export interface Question {
  method?: string
  path: string
  headers?: Record<string, string>
  /** Sent as JSON; a text as it is. */
  body?: unknown
  source?: string
  timeoutMs?: number
}

export interface Answer {
  status: number
  body: string
}

const PATIENCE_MS = 20_000

/** Asks the server once; undefined when it does not answer, as it may be down. */
export function ask(base: string, question: Question): Promise<Answer | undefined> {
  const { path, body, headers, source = sources.neighbour, timeoutMs = PATIENCE_MS } = question
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  return new Promise((resolve) => {
    const asked = request(
      `${base}${path}`,
      {
        method: question.method ?? (text === undefined ? 'GET' : 'POST'),
        headers: { ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
        localAddress: source,
        signal: AbortSignal.timeout(timeoutMs),
        agent: false,
      },
      (response) => {
        let answer = ''
        response.setEncoding('utf8')
        response.on('data', (piece: string) => {
          answer += piece
        })
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body: answer }))
        response.once('error', () => resolve(undefined))
      },
    )
    asked.once('error', () => resolve(undefined))
    asked.end(text)
  })
}
