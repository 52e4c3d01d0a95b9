import type { Logger } from '../../../lib/process/logger.ts'
import type { BinaryNode, WASocket } from '../../library/engine.ts'
import { children } from '../../wire/node.ts'
import { PasskeyCeremony, type PasskeyListener, readOptions } from './passkey-ceremony.ts'
import type { LinkingRules } from './rules.ts'
import { acknowledgeUnlinked, askService, isService } from './service.ts'

/** What a session does with the ceremonies of its connection. */
export interface PasskeyHooks extends PasskeyListener {
  /** A ceremony begins: codes that are shown must not be replaced any more. */
  onBegun(ceremony: PasskeyCeremony): void
}

/** WhatsApp Web's code for a notification that it cannot read. */
const PARSING_ERROR = '487'

/**
 * Begins a ceremony when WhatsApp demands a passkey of a connection that is not linked, and hands on what the phone says.
 * The library does not acknowledge notifications before the linking; here they are, at once.
 */
export function watchPasskey(
  socket: WASocket,
  { rules, hooks, log }: { rules: LinkingRules; hooks: PasskeyHooks; log: Logger },
): void {
  let ceremony: PasskeyCeremony | undefined

  socket.ws.on('CB:notification,type:passkey_prologue_request', (node: BinaryNode) => {
    if (!isService(node)) return
    let options: string | undefined
    try {
      options = readOptions(node)
    } catch {
      return acknowledge(node, PARSING_ERROR)
    }
    acknowledge(node)
    if (options) demand(options)
    else void fetchOptions()
  })

  socket.ws.on('CB:notification,type:crsc_continuation', (node: BinaryNode) => {
    if (!isService(node)) return
    const [first] = children(node)
    const content = first?.tag === 'primary_ephemeral_identity' ? first.content : undefined
    if (!(content instanceof Uint8Array)) return acknowledge(node, PARSING_ERROR)
    acknowledge(node)
    void ceremony?.takePrimary(content)
  })

  function demand(options: string): void {
    if (ceremony && !ceremony.isOver) {
      ceremony.renewOptions(options)
      return
    }
    ceremony = new PasskeyCeremony(socket, options, rules, hooks)
    hooks.onBegun(ceremony)
    ceremony.begin()
  }

  async function fetchOptions(): Promise<void> {
    try {
      const content = { tag: 'passkey_request_options', attrs: {} }
      const options = readOptions(
        await askService(socket, { type: 'get', content, timeoutMs: rules.queryMs }),
      )
      if (options) demand(options)
      else throw new Error('there is no question in the answer')
    } catch (error) {
      // The phone goes on waiting; WhatsApp asks again, or the code runs out.
      log.warn({ err: error }, 'WhatsApp demands a passkey and does not say what for')
    }
  }

  function acknowledge(node: BinaryNode, error?: string): void {
    acknowledgeUnlinked(socket, node, { log, error })
  }
}
