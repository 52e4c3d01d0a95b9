import type { BinaryNode, WASocket } from '../library/engine.ts'
import { keepArrivalOrder } from './arrival-order.ts'
import { acknowledgeEmptyPosts, takeChannelStatus } from './channel-stanzas.ts'
import { persistBeforeAck } from './persist-before-ack.ts'
import { acknowledgeStatusPosts } from './status-acks.ts'

/** Stanzas that the library acknowledges once it has handled them. */
export type AcknowledgedTag = 'message' | 'receipt' | 'notification' | 'call'

/** Does one thing with a stanza and passes it, or what became of it, on: at once, later or not at all. */
export type InboundStep = (stanza: BinaryNode, next: (stanza: BinaryNode) => unknown) => unknown

/** What the steps of one socket need of its session. */
export interface InboundDeps {
  /** Stores what a stanza means; undefined when it means nothing to a receiver. */
  record(stanza: BinaryNode): Promise<void> | undefined
  /** Called when something could not be stored. */
  onFailed(error: unknown): void
  /** Keeps hold of work that nobody waits for, until the session has settled. */
  background(work: Promise<void>): void
  /** Answers a device that asks for another copy of a message; never rejects. */
  resend(receipt: BinaryNode): Promise<void>
  /** Notes where the ciphertexts of a message come from. */
  noteOrigin(message: BinaryNode): void
  /** Goes on with a call; never throws. */
  takeCall(stanza: BinaryNode): void
}

/** The same with what a step can do in the library's place. */
export interface StepDeps extends InboundDeps {
  /** Tells WhatsApp that a stanza has arrived; never rejects, as what is not acknowledged comes again. */
  acknowledge(stanza: BinaryNode): Promise<void>
}

interface NamedStep {
  name: string
  tags: readonly AcknowledgedTag[]
  /** Makes the step for one socket. */
  start(deps: StepDeps): InboundStep
}

/** The way of a stanza from the socket to the library, in this order. */
export const INBOUND_STEPS: readonly NamedStep[] = [
  {
    name: 'persist before ack',
    tags: ['message', 'receipt', 'notification', 'call'],
    start: persistBeforeAck,
  },
  { name: 'answer requests for another copy', tags: ['receipt'], start: answerRetryRequests },
  { name: 'keep the order of arrival', tags: ['message'], start: keepArrivalOrder },
  { name: 'acknowledge status posts', tags: ['message'], start: () => acknowledgeStatusPosts },
  { name: 'acknowledge posts that were taken back', tags: ['message'], start: acknowledgeEmptyPosts },
  { name: 'note the origin', tags: ['message'], start: noteOrigin },
  { name: 'go on with calls', tags: ['call'], start: takeCall },
  { name: 'acknowledge receipts', tags: ['receipt'], start: acknowledgeReceipts },
]

const ACKNOWLEDGED: readonly AcknowledgedTag[] = ['message', 'receipt', 'notification', 'call']

// Nobody acknowledges these.
const PASSING = [
  'presence',
  'chatstate',
  'ib,,offline_preview',
  'ib,,offline',
  'ib,,downgrade_webclient',
  'stream:error',
]

/**
 * Puts the steps between a new socket and the library's own listeners, and shows every stanza that may mean something
 * to a receiver, as the server sent it, to `record`.
 */
export function interceptStanzas(socket: WASocket, session: InboundDeps): void {
  const deps: StepDeps = {
    ...session,
    acknowledge: (stanza) => socket.sendMessageAck(stanza).catch(() => {}),
  }
  for (const tag of ACKNOWLEDGED) {
    const event = `CB:${tag}`
    // The event emitter types its listeners as bare functions.
    const listeners = socket.ws.listeners(event) as ((stanza: BinaryNode) => unknown)[]
    socket.ws.removeAllListeners(event)
    const steps = INBOUND_STEPS.filter(({ tags }) => tags.includes(tag)).map(({ start }) => start(deps))
    socket.ws.on(
      event,
      through(steps, (stanza) => Promise.allSettled(listeners.map(async (listener) => listener(stanza)))),
    )
  }
  // The library ends the connection for good. WhatsApp's own client only notes it: the code can be scanned again, and a
  // linked device goes on (whatsmeow, `QRScannedWithoutMultidevice`).
  socket.ws.removeAllListeners('CB:ib,,downgrade_webclient')
  socket.ws.on('CB:status', (stanza: BinaryNode) => deps.background(takeChannelStatus(stanza, deps)))
  for (const tag of PASSING) {
    socket.ws.on(`CB:${tag}`, (stanza: BinaryNode) => {
      const work = deps.record(stanza)
      if (work) deps.background(work)
    })
  }
}

function through(
  steps: InboundStep[],
  last: (stanza: BinaryNode) => unknown,
): (stanza: BinaryNode) => unknown {
  return steps.reduceRight<typeof last>((next, step) => (stanza) => step(stanza, next), last)
}

/** Requests for another copy are answered in the library's place, one after the other; see `outbound/resends.ts`. */
function answerRetryRequests({ resend }: InboundDeps): InboundStep {
  let previous: Promise<void> = Promise.resolve()
  return (receipt, next) => {
    if (receipt.attrs.type !== 'retry') return next(receipt)
    previous = previous.then(() => resend(receipt))
    return previous
  }
}

/**
 * What a receipt means is stored by now. The library would only tell its own listeners of it, of which there are none, in a
 * buffer of events that it opens and closes for each.
 */
function acknowledgeReceipts({ acknowledge }: StepDeps): InboundStep {
  return (receipt) => acknowledge(receipt)
}

function takeCall(deps: InboundDeps): InboundStep {
  return (stanza, next) => {
    deps.takeCall(stanza)
    return next(stanza)
  }
}

function noteOrigin(deps: InboundDeps): InboundStep {
  return (message, next) => {
    deps.noteOrigin(message)
    return next(message)
  }
}
