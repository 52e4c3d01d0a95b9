import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Event } from '../../../src/events/event.ts'
import { createLogger } from '../../../src/lib/process/logger.ts'
import { setPushName } from '../../../src/operations/account/profile.ts'
import { ContactNames } from '../../../src/whatsapp/inbound/contact-names.ts'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'

const CONTACT = '4915550001111'
const PHONE = '447700900123'

describe.each(databaseKinds)('a NUL from the network on %s', (kind) => {
  let app: TestApp
  let receiver: Receiver
  let user: LinkedUser
  const reported: string[] = []

  beforeAll(async () => {
    app = await TestApp.start({ database: kind })
    app.parley.services.db.on('query-error', (error: Error) => reported.push(error.message))
    receiver = await startReceiver()
    await app.contact(CONTACT, { name: 'An\0a' })
    await app.contact(PHONE)
    await send({ text: 'before\0linking', id: 'PAST\0ID' })
    user = await app.link(await app.createUser({ webhook: receiver.url, history: 10 }), PHONE)
    await send({ text: 'linked' })
    await nextMessage('linked')
  }, 120_000)
  afterAll(async () => {
    await app?.close()
    await receiver?.close()
  })

  test('in the id, the author and the text of a message: the event tells it as it came', async () => {
    await send({ text: 'he\0llo', id: 'ID\0X' })

    const message = await nextMessage('he\0llo')
    expect(message.Info).toMatchObject({ ID: 'ID\0X', PushName: 'An\0a' })
  })

  test('in the id of a message that is told again: it is known', async () => {
    await send({ text: 'first', id: 'AGAIN\0' })
    await nextMessage('first')
    await send({ reaction: { id: 'AGAIN\0', emoji: '👍' } })

    const { json } = await app.post('/chat/markread', user.token, {
      Id: ['AGAIN\0'],
      Chat: `${CONTACT}@s.whatsapp.net`,
    })
    expect(json).toMatchObject({ code: 200 })
  })

  test('is U+FFFD in what is stored: names and the history', async () => {
    await send({ text: 'kept\0' })
    await nextMessage('kept\0')

    const chat = `${CONTACT}@s.whatsapp.net`
    const history = await app.get(`/chat/history?chat_jid=${chat}&limit=50`, user.token)
    const contacts = await app.get('/user/contacts', user.token)
    expect(history.text).toContain('kept\uFFFD')
    expect(contacts.text).toContain('An\uFFFDa')
  })

  test('in the subject of a group: its messages come all the same', async () => {
    const { jid } = await app.sandbox('POST', '/groups', {
      subject: 'gro\0up',
      participants: [CONTACT, user.phone],
    })

    await app.sandbox('POST', `/contacts/${CONTACT}/send`, { group: jid, text: 'in\0side' })

    await nextMessage('in\0side')
    const groups = await app.get('/group/list', user.token)
    expect(groups.text).toContain('gro')
  })

  test('in a name that was told before: it is no news after a restart', async () => {
    await app.waitFor('the name', async () =>
      (await app.get('/user/contacts', user.token)).text.includes('An\uFFFDa'),
    )
    const heard: unknown[] = []
    const log = createLogger('silent')
    const names = new ContactNames(app.parley.services.db, log, async (_trx, batches) => {
      heard.push(...batches.flatMap(({ events }) => events))
    })
    const message = { type: 'message', sender: `${CONTACT}@s.whatsapp.net`, senderAlt: '', pushName: 'An\0a' }

    // The other members of a message are not looked at.
    names.hear(user.id, [{ id: '1', at: 1, event: { ...message, verifiedName: null } as unknown as Event }])
    await names.settled()

    expect(heard).toEqual([])
  })

  test('in the own name: it is there when the session comes back', async () => {
    const before = countConnected()
    await setPushName(app.parley.services.sessions.live(user.id), 'Sh\0op')
    await app.post('/session/disconnect', user.token, {})
    await app.post('/session/connect', user.token, {})
    await app.waitFor('the session', () => app.parley.services.sessions.live(user.id).status.connected)
    await app.waitFor('the event', () => countConnected() > before)

    const { authState } = await app.parley.services.sessions.live(user.id).ready()
    expect(authState.creds.me?.name).toBe('Sh\0op')
  })

  test('sends nobody into a loop: the session stayed open, and nothing was refused by the database', async () => {
    const { status } = app.parley.services.sessions.live(user.id)
    const before = countConnected()

    // A loop would have logged in again by then.
    await delay(1_000)

    expect(status).toMatchObject({ connected: true, loggedIn: true })
    expect(countConnected()).toBe(before)
    expect(reported).toEqual([])
  })

  /** A name that the phone tells comes as `Connected` as well, with its action. */
  function countConnected(): number {
    const connected = receiver.requests.filter(({ event }) => event.type === 'Connected')
    return connected.filter(({ event }) => !('Action' in Object(event.event))).length
  }

  async function send(message: Record<string, unknown>): Promise<void> {
    await app.sandbox('POST', `/contacts/${CONTACT}/send`, { to: PHONE, ...message })
  }

  /** The event of the message with this text. */
  async function nextMessage(text: string) {
    for (;;) {
      const { event } = await receiver.next('Message')
      // wuzapi's words for a message.
      const told = event.event as { Info: Record<string, unknown>; Message: { conversation?: string } }
      if (told.Message.conversation === text) return told
    }
  }
})
