import type { IncomingMessage, ServerResponse } from 'node:http'
import { ZodError } from 'zod'
import { GatheredPieces } from '../../lib/flow/piece-joiner.ts'
import { requestTarget } from '../../lib/text/request-target.ts'
import { accountRoutes } from './accounts.ts'
import { callRoutes } from './calls.ts'
import { channelRoutes } from './channels.ts'
import { contactRoutes } from './contacts.ts'
import { linkingRoutes } from './linking.ts'
import { networkRoutes } from './network.ts'
import { passkeyRoutes } from './passkeys.ts'
import {
  ControlError,
  type ControlledSandbox,
  type ControlOptions,
  ControlReply,
  type ControlRoute,
} from './route.ts'
import { shopRoutes } from './shops.ts'

// Room for a file of 24 MB in base64.
const MAX_BODY_BYTES = 32 * 1024 * 1024

/** Every request of the control plane. */
export const controlRoutes = [
  ...linkingRoutes,
  ...passkeyRoutes,
  ...contactRoutes,
  ...callRoutes,
  ...accountRoutes,
  ...shopRoutes,
  ...channelRoutes,
  ...networkRoutes,
]

/**
 * Answers a request of the control plane; false means that the path is none of its own and nothing was done. It reads
 * the body itself, so it has to come before anything that parses bodies. Failures are answered as `{error}` with 400,
 * 404, 405 or 413.
 */
export async function handleControl(
  sandbox: ControlledSandbox,
  request: IncomingMessage,
  response: ServerResponse,
  options: ControlOptions = {},
): Promise<boolean> {
  const pathname = requestTarget(request)?.pathname ?? ''
  if (!/^\/(root-key$|admin\/mock-phone\/|sandbox\/)/.test(pathname)) return false
  try {
    const { route, params } = findRoute(request.method ?? 'GET', pathname)
    const body = route.method === 'POST' ? await readBody(request, route) : undefined
    const result = await route.run({ ...pick(sandbox), options, params, body })
    if (result instanceof ControlReply) send(response, result.status, result.body)
    else send(response, 200, result)
  } catch (error) {
    refuseControl(response, error)
  }
  return true
}

function pick({ network, server, rootKey }: ControlledSandbox): ControlledSandbox {
  return { network, server, rootKey }
}

function findRoute(
  method: string,
  pathname: string,
): { route: ControlRoute; params: Record<string, string> } {
  const matching = controlRoutes.flatMap((route) => {
    const params = matchPath(route.path, pathname)
    return params ? [{ route, params }] : []
  })
  const found = matching.find(({ route }) => route.method === method)
  if (found) return found
  if (matching.length > 0) throw new ControlError(405, `${pathname} does not take ${method}`)
  throw new ControlError(404, `the sandbox has no ${pathname}`)
}

function matchPath(pattern: string, pathname: string): Record<string, string> | undefined {
  const expected = pattern.split('/')
  const actual = pathname.split('/')
  if (expected.length !== actual.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of expected.entries()) {
    const value = actual[index] ?? ''
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(value)
    else if (part !== value) return undefined
  }
  return params
}

async function readBody(request: IncomingMessage, route: ControlRoute): Promise<unknown> {
  const text = await readControlBody(request)
  if (route.text || text.trim() === '') return route.text ? text : undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new ControlError(400, 'the body is not JSON')
  }
}

/** The text of a body of the control plane. @throws ControlError when it is too large. */
export async function readControlBody(request: IncomingMessage): Promise<string> {
  const body = new GatheredPieces()
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new ControlError(413, `the body is larger than ${MAX_BODY_BYTES} bytes`)
    body.push(chunk)
  }
  return body.all().toString('utf8')
}

/** Answers with what went wrong, as every entry does. */
export function refuseControl(response: ServerResponse, error: unknown): void {
  const { status, message } = describe(error)
  send(response, status, { error: message })
}

function describe(error: unknown): { status: number; message: string } {
  if (error instanceof ControlError) return { status: error.status, message: error.message }
  if (error instanceof ZodError) {
    const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`)
    return { status: 400, message: problems.join('; ') }
  }
  // What the sandbox cannot do is said with plain errors; the runtime's own kinds are mistakes of the sandbox.
  const isMistake =
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
  return { status: isMistake ? 500 : 400, message: error instanceof Error ? error.message : String(error) }
}

function send(response: ServerResponse, status: number, result: unknown): void {
  const isFile = result instanceof Uint8Array
  const body = isFile ? result : JSON.stringify(result)
  const type = isFile ? 'application/octet-stream' : 'application/json'
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
}
