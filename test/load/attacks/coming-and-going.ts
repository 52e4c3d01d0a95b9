import { setTimeout as delay } from 'node:timers/promises'
import { type Attack, allOf, repeatedly } from './attack.ts'
import { contactTalks } from './bad-receivers.ts'
import { silentServer, slowServer } from './rude-servers.ts'
import type { Stage, Tenant } from './stage.ts'

const EVENTS_EACH = 10
const AT_ONCE = 4
/** Long enough for deliveries to be under way, short enough to meet them there. */
const STAY_MS = 300

/** Users that are deleted while their deliveries are being made, and come again: some with a phone, most without. */
export const removedUsers: Attack = {
  name: 'users deleted with deliveries in flight',
  async start(stage) {
    const [slow, silent] = [stage.keep(await slowServer(2 * STAY_MS)), stage.keep(await silentServer())]
    const unlinked = repeatedly(stage, { pauseMs: 50 }, async (count) => {
      const webhook = count % 2 === 0 ? slow.url : silent.url
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          const user = await stage.create({ webhook })
          const events = Array.from({ length: EVENTS_EACH }, () =>
            stage.askAdmin(`/parley/users/${user.id}/test-event`, { body: {} }),
          )
          await Promise.all([...events, delay(Math.random() * STAY_MS)])
          await remove(stage, user)
        }),
      )
    })
    const linked = repeatedly(stage, { pauseMs: 50 }, async (count) => {
      const user = await stage.moveIn({ webhook: count % 2 === 0 ? slow.url : silent.url })
      const stopTalking = contactTalks(stage, user)
      await delay(2 * STAY_MS)
      await remove(stage, user)
      await stopTalking()
    })
    return allOf(unlinked, linked)
  },
}

/** Users that leave the network and come back, are unlinked and linked again, and change their tokens, while somebody writes to them. */
export const reconnecting: Attack = {
  name: 'neighbours that reconnect all the time',
  async start(stage) {
    const receiver = stage.keep(await slowServer(STAY_MS))
    const tenants = await Promise.all([1, 2].map(() => stage.moveIn({ webhook: receiver.url })))
    return allOf(
      ...tenants.flatMap((tenant) => [
        contactTalks(stage, tenant),
        repeatedly(stage, { pauseMs: 50 }, (count) => move(stage, tenant, count)),
      ]),
    )
  },
}

/** Every third time the phone is unlinked; the token changes all the time. */
async function move(stage: Stage, tenant: Tenant, count: number): Promise<void> {
  await stage.askAs(tenant, count % 3 === 2 ? '/session/logout' : '/session/disconnect', {})
  const token = stage.newToken()
  const answer = await stage.askAdmin(`/admin/users/${tenant.id}`, { method: 'PUT', body: { token } })
  // Without an answer nobody knows which one it is now: a user that was not changed would never be found again.
  if (answer) tenant.token = answer.status === 200 ? token : tenant.token
  else tenant.token = (await stage.tokenOf(tenant)) ?? tenant.token
  await stage.link(tenant)
  await delay(Math.random() * STAY_MS)
}

async function remove(stage: Stage, { id }: Tenant): Promise<void> {
  const path = Math.random() < 0.5 ? `/admin/users/${id}` : `/admin/users/${id}/full`
  await stage.askAdmin(path, { method: 'DELETE' })
}
