import { afterAll, beforeAll, expect, test } from 'vitest'
import { pinChat } from '../../../src/operations/chats/chats.ts'
import { child, children } from '../../../src/sandbox/world/node.ts'
import type { LiveSession } from '../../../src/whatsapp/session/session.ts'
import type { LinkedUser } from '../../helpers/app.ts'
import { type Companion, link } from '../../sandbox/companion.ts'
import { Stage } from '../defects/stage.ts'

// Every change of a shared setting is made for a version; whoever comes second is refused and has to make it again.
let stage: Stage
let user: LinkedUser
let session: LiveSession
let other: Companion
let rival: Companion
beforeAll(async () => {
  stage = await Stage.open()
  user = await stage.user()
  session = stage.app.parley.services.sessions.live(user.id)
  const owner = { phone: user.phone, name: 'Owner' }
  other = await link(stage.sandbox, owner)
  rival = await link(stage.sandbox, owner)
  for (const device of [other, rival])
    await device.event('the key', () => (device.creds.myAppStateKeyId ? true : undefined))
})
afterAll(async () => {
  await other.close()
  await rival.close()
  await stage.close()
})

/** Lets `first` happen between the moment a device made a change for a version and the moment it arrives. */
function overtake(jid: string, first: () => Promise<unknown>): void {
  const { network } = stage.sandbox
  const answer = network.iq.bind(network)
  network.iq = async (from, request) => {
    const [collection] = children(child(request, 'sync'))
    if (from.account.jid(from.id) !== jid || !child(collection, 'patch')) return answer(from, request)
    network.iq = answer
    await first()
    return answer(from, request)
  }
}

/** Which chats the phone holds for pinned. */
async function pinned(): Promise<string[]> {
  const response = await fetch(`${stage.sandbox.controlUrl}/sandbox/contacts/${user.phone}/settings`)
  // The control plane is the sandbox's own.
  const { settings } = (await response.json()) as { settings: { index: string[] }[] }
  return settings.filter(({ index }) => index[0] === 'pin_v1').map(({ index }) => index[1] ?? '')
}

test('the bare library loses a change that another device overtook', async () => {
  overtake(other.jid, () => rival.socket.chatModify({ pin: true }, '5511@s.whatsapp.net'))

  await other.socket.chatModify({ pin: true }, '5512@s.whatsapp.net')

  expect(await pinned()).toEqual(['5511@s.whatsapp.net'])
})

test('Parley makes the change again', async () => {
  overtake(session.me.pn, () => rival.socket.chatModify({ pin: true }, '5513@s.whatsapp.net'))

  await pinChat(session, { chat: '5514@s.whatsapp.net', pinned: true })

  expect((await pinned()).sort()).toEqual(['5511', '5513', '5514'].map((user) => `${user}@s.whatsapp.net`))
})

test('a change that is refused for another reason fails', async () => {
  const refused = session.call((socket) =>
    socket.appPatch({
      syncAction: { timestamp: Date.now() },
      index: ['anything'],
      // No collection that there is.
      type: 'irregular' as 'regular',
      apiVersion: 1,
      operation: 0,
    }),
  )

  await expect(refused).rejects.toMatchObject({ details: { refusal: { by: 'iq', code: 400 } } })
})
