import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import multer from 'multer'

/** A form as it came, and as a real parser reads it. */
export interface ReceivedForm {
  headers: IncomingHttpHeaders
  raw: Buffer
  fields: Record<string, string>
  file?: { fieldname: string; originalname: string; mimetype: string; buffer: Buffer }
}

/** False for the usual way; nothing of the body is read before. */
type Treatment = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>

export interface FormReceiver {
  url: string
  /** Everything that arrived as a whole. */
  forms: ReceivedForm[]
  /** How the requests that come from now on are treated. */
  treat(otherwise: Treatment): void
  /** The statuses of the next answers; afterwards 200. */
  answer(...statuses: number[]): void
  close(): Promise<void>
}

/** Starts a real HTTP server that records forms of any kind and answers 200 until told otherwise. */
export async function startFormReceiver(): Promise<FormReceiver> {
  const forms: ReceivedForm[] = []
  const statuses: number[] = []
  let treatment: Treatment = () => false

  const server = createServer(async (request, response) => {
    if (await treatment(request, response)) return
    const pieces: Buffer[] = []
    // One that is broken off has not arrived.
    try {
      for await (const piece of request) pieces.push(piece)
    } catch {
      return
    }
    forms.push(await parsed(request.headers, Buffer.concat(pieces)))
    response.writeHead(statuses.shift() ?? 200).end('ok')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`,
    forms,
    treat: (otherwise) => {
      treatment = otherwise
    },
    answer: (...next) => void statuses.push(...next),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Reads a body with the parser that Express programs use. */
export async function parsed(headers: IncomingHttpHeaders, raw: Buffer): Promise<ReceivedForm> {
  const isMultipart = headers['content-type']?.startsWith('multipart/form-data')
  if (!isMultipart) return { headers, raw, fields: Object.fromEntries(new URLSearchParams(raw.toString())) }
  const sized = { ...headers, 'content-length': String(raw.length) }
  // The parser asks for no more of a request than this.
  const request = Object.assign(Readable.from([raw]), { headers: sized }) as unknown as Parameters<
    typeof parse
  >[0]
  const parse = multer({ defParamCharset: 'utf8' }).any()
  await new Promise<void>((resolve, reject) =>
    parse(request, {} as Parameters<typeof parse>[1], (error) => (error ? reject(error) : resolve())),
  )
  const [file] = request.files as Express.Multer.File[]
  return { headers, raw, fields: { ...request.body }, file }
}
