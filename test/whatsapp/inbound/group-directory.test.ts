import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { GroupDirectory } from '../../../src/whatsapp/inbound/group-directory.ts'
import { SharedCaches } from '../../../src/whatsapp/library/caches.ts'
import type { LinkedUser } from '../../helpers/app.ts'
import { Stage } from '../defects/stage.ts'

const A_MINUTE = 60_000
/** Older than this is everything that was told before. */
const NOW = -1

let stage: Stage
let user: LinkedUser
let group: string
let directory: GroupDirectory
beforeAll(async () => {
  stage = await Stage.open()
  user = await stage.user()
})
afterAll(() => stage.close())
beforeEach(async () => {
  group = await stage.group(stage.contact(), user.phone)
  // What is told about a group makes it unknown.
  await expect.poll(() => stage.companionOf(user.phone).unacknowledged).toEqual([])
  directory = new GroupDirectory(new SharedCaches(), user.id)
  directory.watch(stage.app.parley.services.sessions.live(user.id).socket())
})

test('a group is as it was told last when WhatsApp is too busy to say', async () => {
  const told = await directory.get(group)

  const busy = refuse(429)
  const recalled = await directory.recall(group, NOW)

  busy.remove()
  expect(busy.hits).toBe(1)
  expect(recalled).toBe(told)
})

test('a group of which WhatsApp refuses to tell is not as it was told last', async () => {
  await directory.get(group)

  const refused = refuse(403)
  await expect(directory.recall(group, NOW)).rejects.toMatchObject({ data: 403 })

  refused.remove()
})

test('a question that WhatsApp failed to answer is not asked for everybody who wants to know', async () => {
  const busy = refuse(503)

  for (const maxAgeMs of [A_MINUTE, A_MINUTE, NOW])
    await expect(directory.recall(group, maxAgeMs)).rejects.toMatchObject({ data: 503 })

  busy.remove()
  expect(busy.hits).toBe(2)
  expect(await directory.recall(group, NOW)).toMatchObject({ id: group })
})

function refuse(code: number) {
  const { faults } = stage.sandbox.network
  return faults.inject({ kind: 'refuse-query', xmlns: 'w:g2', child: 'query', code })
}
