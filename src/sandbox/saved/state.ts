import { z } from 'zod'
import { savedIdentity } from '../server/noise.ts'
import type { WhatsAppServer } from '../server/server.ts'
import type { Network } from '../world/network.ts'
import { savedNetwork } from './saved-network.ts'
import { fromPlain, toPlain } from './shapes.ts'

/** Of the form below. A form that older sandboxes would misunderstand has another. */
const VERSION = 1

/**
 * A sandbox as it is saved: the world, and how its service proves who it is. Without a version it is of the first, and
 * without that proof there is a new one.
 */
const savedSandbox = savedNetwork.extend({
  version: z.literal(VERSION, `this sandbox reads version ${VERSION}`).default(VERSION),
  service: savedIdentity.optional(),
})

/** A sandbox as it was saved. */
export type SandboxState = z.output<typeof savedSandbox>

/** Everything in a sandbox at one moment, as plain JSON: `{"type": "Buffer", "data": base64}` for bytes. */
export async function saveState({
  network,
  server,
}: {
  network: Network
  server: WhatsAppServer
}): Promise<object> {
  return { version: VERSION, service: toPlain(server.identity), ...(await network.save()) }
}

/** Reads what `saveState` gave. @throws Error with a sentence for what it never gives. */
export function readState(json: unknown): SandboxState {
  const result = savedSandbox.safeParse(fromPlain(json))
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new Error(
    `this is no saved state of a sandbox: ${issue?.path.join('.') || 'all of it'}: ${issue?.message}`,
  )
}

/** Puts a world that was saved into an empty network. @throws Error when it is not empty, or the state contradicts itself. */
export function loadState(network: Network, state: SandboxState): void {
  try {
    network.load(state)
  } catch (cause) {
    throw new Error(`the state cannot be loaded: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    })
  }
}
