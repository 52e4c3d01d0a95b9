import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { otherIdentity } from '../../../src/whatsapp/inbound/identities.ts'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'

/** What wuzapi delivers: tests look into it freely. */
type Json = ReturnType<typeof JSON.parse>

test('a companion in the cloud has the other identity of its person', async () => {
  const pairs: Record<string, string> = { '77_reverse': '5511', '5511': '77' }
  const mappings = async (ids: string[]) =>
    Object.fromEntries(ids.flatMap((id) => (pairs[id] ? [[id, pairs[id]]] : [])))

  expect(await otherIdentity('77:99@hosted.lid', mappings)).toBe('5511@s.whatsapp.net')
  expect(await otherIdentity('5511:99@hosted', mappings)).toBe('77@lid')
  expect(await otherIdentity('1203@g.us', mappings)).toBe('')
})

describe('the two identities of a person', () => {
  const ada = '447900000701'
  const adaJid = `${ada}@s.whatsapp.net`
  let app: TestApp
  let receiver: Receiver
  /** Gets events in a dialect that names people by their numbers. */
  let byNumber: Receiver
  let user: LinkedUser
  let lid: string

  beforeAll(async () => {
    receiver = await startReceiver()
    byNumber = await startReceiver()
    app = await TestApp.start({ env: { BASE_WEBHOOK_URL: byNumber.url } })
    user = await app.linkedUser({ webhook: receiver.url })
    await app.contact(ada)
    await says('who I am')
    lid = await app.waitFor('the LID', async () => {
      const jid = await app.parley.services.sessions.live(user.id).resolve(ada)
      return jid.endsWith('@lid') ? jid : undefined
    })
  })
  afterAll(async () => {
    await app.close()
    await receiver.close()
    await byNumber.close()
  })

  const says = (text: string) => app.sandbox('POST', `/contacts/${ada}/send`, { to: user.phone, text })
  const text = (Phone: string, Body: string) => app.post('/chat/send/text', user.token, { Phone, Body })

  /** What an event calls the sender, device left out. */
  async function named(what: string, matches: (delivery: Json) => boolean): Promise<string[]> {
    const look = ({ event }: { event: Json }) => matches(event)
    const { event } = (await app.waitFor(what, () => receiver.requests.find(look))).event as Json
    const { Sender, SenderAlt } = event.Info ?? event
    return [Sender, SenderAlt].map((jid: string) => jid.replace(/:\d+@/, '@')).toSorted()
  }

  test('are in messages, receipts and typing', async () => {
    const { json } = await text(ada, 'a receipt, please')
    await says('both names?')
    await app.sandbox('POST', `/contacts/${ada}/typing`, { to: user.phone })

    const both = [adaJid, lid].toSorted()
    expect(await named('the message', ({ event }) => event?.Message?.conversation === 'both names?')).toEqual(
      both,
    )
    expect(await named('the receipt', ({ event }) => event?.MessageIDs?.includes(json.data.Id))).toEqual(both)
    expect(await named('the typing', ({ type }) => type === 'ChatPresence')).toEqual(both)
  })

  test('are known for people whom an event has no second member for', async () => {
    await app.post('/user/presence', user.token, { type: 'available' })
    await app.post('/user/presence/subscribe', user.token, { Phone: lid })
    await app.sandbox('POST', `/contacts/${ada}/presence`, { type: 'available' })
    await app.post('/chat/archive', user.token, { jid: lid, archive: true })

    const jids = async (name: string) => {
      const look = ({ event }: { event: Json }) => event.event === name
      const { event } = await app.waitFor(name, () => byNumber.requests.find(look))
      return (event as Json).data
    }
    expect(await jids('chat_archived')).toEqual({ chat: adaJid, archived: true })
    expect(await jids('presence')).toMatchObject({ chat: adaJid, sender: adaJid })
  })

  test('are either accepted when sending, also after a restart', async () => {
    await app.parley.services.sessions.drain()
    await app.parley.services.sessions.restore()

    const answers = await Promise.all([ada, adaJid, lid].map((to) => text(to, `to ${to}`)))

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(await app.parley.services.sessions.live(user.id).resolve(ada)).toBe(lid)
    const texts = (await app.received(ada)).map((message) => message.text)
    expect(texts).toEqual(expect.arrayContaining([ada, adaJid, lid].map((to) => `to ${to}`)))
  })
})
