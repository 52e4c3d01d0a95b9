import { z } from 'zod'

/** What is known of a call. */
interface CallView {
  id: string
  peer: string
  direction: string
  state: string
  reason: string
}

/** A call as answers and events show it. */
export const callShape = z.object({
  callID: z.string(),
  state: z.string().describe('calling, ringing, connecting, active or ended'),
  direction: z.string().describe('incoming or outgoing'),
  peer: z.string().describe('JID of the other side'),
  reason: z.string().optional().describe('Why it ended, where that is known'),
})

/** A call in that shape. */
export function callFields({ id, peer, direction, state, reason }: CallView): z.infer<typeof callShape> {
  return { callID: id, state, direction, peer, ...(reason !== '' && { reason }) }
}
