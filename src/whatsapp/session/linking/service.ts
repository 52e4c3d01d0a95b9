import { ApiError } from '../../../lib/errors.ts'
import type { Logger } from '../../../lib/process/logger.ts'
import { type BinaryNode, S_WHATSAPP_NET, type WASocket } from '../../library/engine.ts'

/** What a connection that is not linked needs to talk to the service. */
export type ServiceSocket = Pick<WASocket, 'query' | 'generateMessageTag' | 'ws'>

/** A question to the service, or a step that it has to take. */
interface Request {
  type: 'get' | 'set'
  content: BinaryNode
  timeoutMs: number
  /** Called in the turn in which the answer arrives: what comes in the same frame finds it done. */
  onTaken?: () => void
}

const SERVICES = ['s.whatsapp.net', '@s.whatsapp.net']

/** Whether a stanza comes from WhatsApp itself, and not from one of its users. */
export function isService({ attrs }: BinaryNode): boolean {
  return SERVICES.includes(attrs.from ?? '')
}

/** The service's answer about linking. Throws `upstream_refused` when there is none, and the library's errors. */
export async function askService(
  socket: ServiceSocket,
  { type, content, timeoutMs, onTaken = () => {} }: Request,
): Promise<BinaryNode> {
  const id = socket.generateMessageTag()
  const heard = `TAG:${id}`
  // There is none when WhatsApp has taken too long.
  const onAnswer = (answer?: BinaryNode) => {
    if (answer?.attrs.type === 'result') onTaken()
  }
  socket.ws.on(heard, onAnswer)
  try {
    const attrs = { to: S_WHATSAPP_NET, xmlns: 'md', type, id }
    const answer: BinaryNode | undefined = await socket.query(
      { tag: 'iq', attrs, content: [content] },
      timeoutMs,
    )
    if (answer?.attrs.type !== 'result') throw refusedBy(`${content.tag} was not answered`)
    return answer
  } finally {
    socket.ws.off(heard, onAnswer)
  }
}

export function refusedBy(text: string): ApiError {
  return new ApiError('upstream_refused', { text: `WhatsApp did not go on with the linking: ${text}` })
}

/**
 * Acknowledges a notification before the linking, which the library does not: only in the flow with a typed code it knows
 * for whom it acknowledges, and does. With `error` it is refused, which the library never does.
 */
export function acknowledgeUnlinked(
  { authState, sendNode }: Pick<WASocket, 'authState' | 'sendNode'>,
  notification: BinaryNode,
  { log, error }: { log: Logger; error?: string },
): void {
  if (authState.creds.me && !error) return
  const { id = '', type = '' } = notification.attrs
  const attrs = { to: 's.whatsapp.net', class: 'notification', type, id, ...(error && { error }) }
  sendNode({ tag: 'ack', attrs }).catch((cause: unknown) => {
    log.debug({ err: cause }, 'a notification could not be acknowledged')
  })
}
