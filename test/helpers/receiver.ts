import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'

/** A request as the receiver got it. */
export interface ReceivedRequest {
  path: string
  method: string
  headers: IncomingHttpHeaders
  /** The body as it came. */
  body: string
  /** The fields of a form body; empty for JSON. */
  fields: Record<string, string>
  /** The event: the JSON body, or the form's `jsonData`. */
  event: Record<string, unknown>
  /** When it arrived, in milliseconds. */
  at: number
  /** The status it was answered with. */
  status: number
}

export interface Receiver {
  /** Where webhooks should be sent; any path below it is recorded too. */
  url: string
  /** Everything that arrived so far. */
  requests: ReceivedRequest[]
  /** The next request not handed out yet that was answered with 2xx and, if given, whose event has this `type`. */
  next(type?: string): Promise<ReceivedRequest>
  /** Waits until `count` requests have arrived in total; yields all of them. */
  attempts(count: number): Promise<ReceivedRequest[]>
  /** How requests are answered from now on. */
  answer(status: number, headers?: Record<string, string>, body?: string): void
  /** Chooses the status of each request by looking at it; undefined falls back to `answer`. */
  answerBy(choose: (request: ReceivedRequest) => number | undefined): void
  /** Answers from now on only after a pause. */
  slow(pauseMs: number): void
  close(): Promise<void>
}

/** Starts a real HTTP server on a free port that records what it is sent and answers 200 until told otherwise. */
export async function startReceiver(options: { timeoutMs?: number } = {}): Promise<Receiver> {
  const requests: ReceivedRequest[] = []
  const handedOut = new Set<ReceivedRequest>()
  const waiters = new Set<() => void>()
  const pauses = new Set<NodeJS.Timeout>()
  let reply = { status: 200, headers: {} as Record<string, string>, body: 'ok' }
  let choose: (request: ReceivedRequest) => number | undefined = () => undefined
  let pauseMs = 0

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      const received = {
        path: request.url ?? '',
        method: request.method ?? '',
        headers: request.headers,
        body,
        at: Date.now(),
        status: reply.status,
        ...parsed(request.headers['content-type'] ?? '', body),
      }
      received.status = choose(received) ?? reply.status
      requests.push(received)
      if (pauseMs === 0) respond(response, received.status)
      else {
        const pause = setTimeout(() => {
          pauses.delete(pause)
          respond(response, received.status)
        }, pauseMs)
        pauses.add(pause)
      }
      for (const waiter of [...waiters]) waiter()
    })
  })

  function respond(response: ServerResponse, status: number): void {
    response.writeHead(status, reply.headers).end(reply.body)
  }

  function until<Value>(look: () => Value | undefined, wanted: string): Promise<Value> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = look()
        if (found === undefined) return
        clearTimeout(timer)
        waiters.delete(check)
        resolve(found)
      }
      const timer = setTimeout(() => {
        waiters.delete(check)
        const seen = requests.map(({ event, status }) => `${String(event.type)} -> ${status}`)
        reject(new Error(`the receiver did not get ${wanted}; it got [${seen.join(', ')}]`))
      }, options.timeoutMs ?? 30_000)
      waiters.add(check)
      check()
    })
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port')

  return {
    url: `http://127.0.0.1:${address.port}/webhook`,
    requests,
    next: (type) =>
      until(() => {
        const found = requests.find(
          (request) =>
            !handedOut.has(request) &&
            request.status >= 200 &&
            request.status < 300 &&
            (type === undefined || request.event.type === type),
        )
        if (found) handedOut.add(found)
        return found
      }, type ?? 'another request'),
    attempts: (count) => until(() => (requests.length >= count ? requests : undefined), `${count} requests`),
    answer: (status, headers = {}, body = 'ok') => {
      reply = { status, headers, body }
    },
    answerBy: (by) => {
      choose = by
    },
    slow: (ms) => {
      pauseMs = ms
    },
    close: async () => {
      for (const pause of pauses) clearTimeout(pause)
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function parsed(contentType: string, body: string): Pick<ReceivedRequest, 'fields' | 'event'> {
  if (!contentType.startsWith('application/x-www-form-urlencoded')) return { fields: {}, event: json(body) }
  const fields = Object.fromEntries(new URLSearchParams(body))
  return { fields, event: json(fields.jsonData ?? '') }
}

function json(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch {
    // Not every request a test sends is an event.
    return {}
  }
}
