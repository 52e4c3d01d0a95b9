import type { LineOutput } from '../lib/process/line-output.ts'
import type { MessageQueue } from './amqp.ts'
import { PIPE, QUEUE_DESTINATION } from './targets.ts'

/**
 * The destinations that cannot take anything now: a broker that is away, and a pipe that nobody reads. What waits for them
 * is not attempted in vain: nothing is given up because of it.
 */
export function destinationsAway({ queue, pipe }: { queue?: MessageQueue; pipe?: LineOutput }): string[] {
  return [...(queue?.isReady === false ? [QUEUE_DESTINATION] : []), ...(pipe?.isOpen ? [] : [PIPE])]
}
