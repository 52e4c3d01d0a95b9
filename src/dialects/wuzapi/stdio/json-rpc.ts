import type { Json } from '../../../events/event-parts.ts'
import { isObject } from '../../../events/unwrap.ts'
import type { InnerAnswer } from '../../../http/endpoint/dialect.ts'
import { memberText } from './member-text.ts'
import type { Params } from './methods.ts'

/** What names a request in its answer; null where it could not be read. */
export type RequestId = string | number | null

export interface RpcRequest {
  id: RequestId
  method: string
  params: Params
}

/** A line that is no request: the answer says why. */
export class RpcError extends Error {
  readonly code: number
  readonly id: RequestId

  constructor(code: number, message: string, id: RequestId) {
    super(message)
    this.code = code
    this.id = id
  }
}

/** Reads a request; throws RpcError. */
export function parseRequest(line: string): RpcRequest {
  const request = parsed(line)
  if (!isObject(request)) throw unreadable('it is no object')
  const { id = null, method, params } = request
  if (id === null) throw new RpcError(400, 'missing request id', null)
  if (typeof id !== 'string' && !Number.isSafeInteger(id))
    throw unreadable('id must be a text or a whole number below 2^53')
  // Checked in the line above.
  const known = id as string | number
  if (method === undefined || method === null || method === '')
    throw new RpcError(400, 'missing method', known)
  if (typeof method !== 'string') throw unreadable('method must be a text', known)
  if (params !== undefined && params !== null && !isObject(params))
    throw unreadable('params must be an object', known)
  return { id: known, method, params: params ?? {} }
}

function parsed(line: string): Json {
  try {
    return JSON.parse(line)
  } catch {
    // Node's own sentence quotes the line, which may hold tokens.
    throw unreadable('it is no JSON')
  }
}

function unreadable(reason: string, id: RequestId = null): RpcError {
  return new RpcError(400, `invalid JSON request: ${reason}`, id)
}

/** The line that answers a request as HTTP was answered: `data` of a success, the sentence of a failure. */
export function printAnswer(id: RequestId, { status, isJson, body }: InnerAnswer): string {
  if (status >= 200 && status < 300)
    return print(
      id,
      `"result":${isJson ? (memberText(body, 'data') ?? oneLine(body)) : JSON.stringify(body)}`,
    )
  const said: unknown = isJson ? Object(JSON.parse(body)).error : body.trim()
  return printError(id, {
    code: status,
    message: typeof said === 'string' && said !== '' ? said : 'request failed',
  })
}

export function printError(id: RequestId, error: { code: number; message: string }): string {
  return print(id, `"error":${JSON.stringify({ code: error.code, message: error.message })}`)
}

function print(id: RequestId, outcome: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},${outcome}}`
}

/** JSON has line breaks between its parts only. */
function oneLine(json: string): string {
  return json.trim().replace(/[\r\n]+/g, ' ')
}
