import { type Attack, allOf, repeatedly, type Stop } from './attack.ts'
import { failingServer, silentServer } from './rude-servers.ts'
import type { Stage, Tenant } from './stage.ts'

const SENTENCE_PAUSE_MS = 25
const EVENTS_AT_ONCE = 20
const DUE_EVENTS = 2_000
const REDRIVE_PAUSE_MS = 2_000

/** Many events for a receiver that takes every connection and answers none. */
export const silentReceiver: Attack = {
  name: 'a receiver that never answers',
  async start(stage) {
    const receiver = stage.keep(await silentServer())
    const tenant = await stage.moveIn({ webhook: receiver.url })
    return allOf(contactTalks(stage, tenant), makesAgain(stage, tenant))
  },
}

/** Thousands of deliveries to one receiver that fails, all of them due again and again. */
export const manyDueDeliveries: Attack = {
  name: 'many due deliveries of a neighbour',
  async start(stage) {
    const receiver = stage.keep(await failingServer())
    // Events of many chats or none are not kept in one order, so all of them can be due at the same moment.
    const tenant = await stage.create({ webhook: receiver.url })
    let events = 0
    const recording = repeatedly(stage, { pauseMs: 10 }, async () => {
      if (events >= DUE_EVENTS) return
      const answers = await Promise.all(
        Array.from({ length: EVENTS_AT_ONCE }, () =>
          stage.askAdmin(`/parley/users/${tenant.id}/test-event`, { body: {} }),
        ),
      )
      events += answers.filter((answer) => answer?.status === 200).length
    })
    return allOf(recording, makesAgain(stage, tenant))
  },
}

/** A contact that writes without pause. */
export function contactTalks(stage: Stage, { contact, phone }: Tenant): Stop {
  return repeatedly(stage, { pauseMs: SENTENCE_PAUSE_MS }, (count) =>
    stage.sandbox(`/contacts/${contact}/send`, { to: phone, text: `hostile ${count}` }),
  )
}

function makesAgain(stage: Stage, { id }: Tenant): Stop {
  return repeatedly(stage, { pauseMs: REDRIVE_PAUSE_MS }, async () => {
    await stage.askAdmin('/parley/deliveries/redrive', { body: { user: id } })
    await stage.askAdmin(`/parley/targets/user:${id}/redrive`, { body: {} })
  })
}
