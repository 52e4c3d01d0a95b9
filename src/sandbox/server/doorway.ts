import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { handleControl, refuseControl } from '../control/control.ts'
import { ControlError, type ControlledSandbox, type ControlOptions } from '../control/route.ts'
import { serveMedia } from './media-host.ts'
import { foreignClient, foreignPage } from './visitors.ts'

/** What answers plain HTTP on a port of a sandbox. */
export interface Doorway {
  /** The address or name the port is bound to, as it was given. */
  host: string
  options?: ControlOptions
  /** Whether this port is the media host as well. */
  servesMedia: boolean
}

/** Answers every request to a port of a sandbox, also those that make no sense: none may end the process. */
export function openDoorway(sandbox: () => ControlledSandbox, doorway: Doorway): RequestListener {
  return (request, response) => {
    answer(sandbox(), doorway, request, response).catch((error: unknown) => {
      // It has begun to answer; how far it got nobody knows.
      if (response.headersSent) response.destroy()
      else refuseControl(response, error)
    })
  }
}

async function answer(
  sandbox: ControlledSandbox,
  { host, options, servesMedia }: Doorway,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const foreign = foreignClient(request.headers)
  if (servesMedia && !foreign && serveMedia(sandbox.network, request, response)) return
  const refusal = foreignPage(request.headers, host)
  if (refusal) throw new ControlError(403, refusal)
  if (await handleControl(sandbox, request, response, options)) return
  throw new ControlError(404, 'the sandbox has nothing here')
}
