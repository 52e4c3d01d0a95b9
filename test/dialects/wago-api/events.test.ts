import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LinkedUser } from '../../helpers/app.ts'
import { startReceiver } from '../../helpers/receiver.ts'
import { SESSION, Wago } from './wago.ts'

type Receiver = Awaited<ReturnType<typeof startReceiver>>

const GROUP_PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

let receiver: Receiver
let wago: Wago
/** Another device of the phone of `main`. */
let twin: LinkedUser
beforeAll(async () => {
  receiver = await startReceiver()
  wago = await Wago.start({ env: { BASE_WEBHOOK_URL: `${receiver.url}/` } })
  twin = await wago.app.link(await wago.app.createUser({ name: 'twin' }), wago.user.phone)
})
afterAll(async () => {
  await wago.stop()
  await receiver.close()
})

/** The newest delivery of this event to a session that has these members; waits for it. */
async function told(event: string, members: object = {}, session = SESSION) {
  const path = `/webhook/${session}/${event}`
  const wanted = expect.objectContaining(members)
  const { event: body } = await wago.app.waitFor(`${event} ${JSON.stringify(members)}`, () =>
    receiver.requests.findLast(
      (request) => request.path === path && wanted.asymmetricMatch(request.event.data),
    ),
  )
  expect(body).toMatchObject({ sessionId: session, event })
  return body.data
}

async function call(path: string, body: object) {
  const { status, text, json } = await wago.call(path, body)
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`)
  return json
}

/** What the contact sends to the session; gives its id. */
async function sent(content: object): Promise<string> {
  const to = wago.user.phone
  return (await wago.app.sandbox('POST', `/contacts/${wago.contact}/send`, { to, ...content })).id
}

describe('a session', () => {
  test('tells its codes, its link and that it is ready, and what it learns of the past', async () => {
    await wago.get('/session/start/fresh')
    const { qr } = (await told('qr', {}, 'fresh')) as { qr: string }
    const { jid } = await wago.app.sandbox('POST', '/scan', { qr, phone: '491715550001' })

    expect(await told('authenticated', {}, 'fresh')).toEqual({
      jid: '491715550001@s.whatsapp.net',
      platform: expect.any(String),
      businessName: '',
    })
    expect(await told('ready', {}, 'fresh')).toEqual({})
    expect(await told('history_sync', {}, 'fresh')).toMatchObject({
      type: expect.stringMatching(/^[A-Z_]+$/),
      progress: 100,
    })
    expect(jid).toContain('491715550001')
  })

  test('tells that it lost its connection, and that it has it again', async () => {
    const readiesBefore = receiver.requests.filter(({ path }) => path === '/webhook/fresh/ready').length

    await wago.app.sandbox('POST', '/disconnect', { jid: '491715550001@s.whatsapp.net', code: 503 })

    expect(await told('disconnected', {}, 'fresh')).toEqual({ reason: 'connection closed (503)' })
    await wago.app.waitFor(
      'ready',
      () => receiver.requests.filter(({ path }) => path === '/webhook/fresh/ready').length > readiesBefore,
    )
  })

  test('tells that another connection took over', async () => {
    await wago.app.sandbox('POST', '/disconnect', { jid: '491715550001@s.whatsapp.net', code: 440 })

    expect(await told('stream_replaced', {}, 'fresh')).toEqual({})
  })

  test.each([
    ['temporary_ban', 402, { code: expect.any(Number), expire: expect.any(Number) }],
    ['connect_failure', 409, { reason: 409, message: expect.any(String) }],
  ])('tells a refusal: %s', async (event, reason, data) => {
    await wago.app.sandbox('POST', '/faults', {
      kind: 'refuse-login',
      reason,
      jid: '491715550001@s.whatsapp.net',
      times: 1,
    })

    await wago.get('/session/restart/fresh')

    expect(await told(event, {}, 'fresh')).toEqual(data)
  })

  test('tells that it was unlinked', async () => {
    await wago.get('/session/restart/fresh')
    await wago.app.waitFor('the session', async () => (await wago.get('/session/status/fresh')).json.success)

    await wago.app.sandbox('POST', '/unlink', { jid: '491715550001@s.whatsapp.net' })

    expect(await told('logged_out', {}, 'fresh')).toEqual({ reason: '401: logged out from another device' })
  })
})

describe('messages', () => {
  test('that come in', async () => {
    const id = await sent({ text: 'Hello!' })

    expect(await told('message', { id })).toEqual({
      id,
      chat: wago.contactJid,
      sender: wago.contactJid,
      pushName: 'Ann',
      body: 'Hello!',
      type: 'text',
      timestamp: expect.any(Number),
      isGroup: false,
      isFromMe: false,
    })
  })

  test('that the session sends, and what becomes of them', async () => {
    const { messageId } = await call('/client/sendMessage/main', { chatId: wago.contactJid, text: 'Hi Ann' })
    await wago.app.sandbox('POST', `/contacts/${wago.contact}/receipt`, { ids: [messageId] })

    expect(await told('message_create', { id: messageId })).toMatchObject({
      chat: wago.contactJid,
      sender: wago.ownJid,
      body: 'Hi Ann',
      isFromMe: true,
    })
    expect(await told('message_ack', { messageIds: [messageId], type: 'read' })).toEqual({
      messageIds: [messageId],
      chat: wago.contactJid,
      sender: wago.contactJid,
      type: 'read',
      timestamp: expect.any(Number),
    })
  })

  test('that another device of the account sends', async () => {
    const { messageId } = await call('/client/sendMessage/twin', {
      chatId: wago.contactJid,
      text: 'From twin',
    })

    expect(await told('message_create', { id: messageId })).toMatchObject({
      chat: wago.contactJid,
      isFromMe: true,
    })
  })

  test('with reactions', async () => {
    const targetId = await sent({ text: 'React to yourself' })
    const id = await sent({ reaction: { id: targetId, emoji: '👍' } })

    expect(await told('message', { id })).toMatchObject({ type: 'reaction', body: '👍', targetId })
  })

  test('that are starred, and deleted for this account', async () => {
    const messageId = await sent({ text: 'A star' })
    await told('message', { id: messageId })
    const chatId = wago.contactJid

    await call('/message/star/main', { chatId, messageId })
    await call('/message/delete/main', { chatId, messageId, everyone: false })

    expect(await told('message_starred')).toEqual({ chat: expect.any(String), messageId, starred: true })
    expect(await told('message_revoke_me')).toEqual({ chat: expect.any(String), messageId })
  })
})

describe('chats', () => {
  const chatId = '491712223334@s.whatsapp.net'

  test.each<[event: string, path: string, data: object, body?: object]>([
    ['chat_archived', 'client/archiveChat', { archived: true }],
    ['chat_archived', 'client/unarchiveChat', { archived: false }],
    ['chat_muted', 'client/muteChat', { muted: true, until: expect.any(Number) }],
    ['chat_muted', 'client/unmuteChat', { muted: false, until: 0 }],
    ['chat_pinned', 'client/pinChat', { pinned: true }],
    ['chat_pinned', 'client/unpinChat', { pinned: false }],
    ['unread_count', 'client/markChatUnread', { read: false }],
    ['chat_removed', 'chat/delete', {}],
  ])('%s by %s, on all devices', async (event, path, data) => {
    await call(`/${path}/twin`, { chatId })

    expect(await told(event, { chat: chatId, ...data })).toEqual({ chat: chatId, ...data })
    expect(await told(event, { chat: chatId, ...data }, 'twin')).toEqual({ chat: chatId, ...data })
  })

  test('labels', async () => {
    await call('/client/editLabel/twin', { labelId: '7', name: 'VIP', color: 3 })
    await call('/client/addOrRemoveLabels/twin', { labelIds: ['7'], chatIds: [chatId] })
    await wago.app.post('/label/message', twin.token, {
      jid: chatId,
      labelId: '7',
      messageId: 'M1',
      labeled: true,
    })

    expect(await told('label_edit')).toEqual({ labelId: '7', name: 'VIP', color: 3, deleted: false })
    expect(await told('label_association_chat')).toEqual({ chat: chatId, labelId: '7', labeled: true })
    expect(await told('label_association_message')).toEqual({
      chat: chatId,
      messageId: 'M1',
      labelId: '7',
      labeled: true,
    })
  })
})

describe('people', () => {
  test('who type and come online', async () => {
    await call('/client/subscribePresence/main', { contactId: wago.contactJid })
    await wago.app.sandbox('POST', `/contacts/${wago.contact}/typing`, { to: wago.user.phone })
    await wago.app.sandbox('POST', `/contacts/${wago.contact}/presence`, { type: 'available' })

    expect(await told('presence', { state: 'composing' })).toEqual({
      chat: wago.contactJid,
      sender: wago.contactJid,
      state: 'composing',
      media: '',
    })
    expect(await told('presence', { state: 'available' })).toMatchObject({ chat: wago.contactJid })
  })

  test('who call', async () => {
    const { callId } = await wago.app.sandbox('POST', `/contacts/${wago.contact}/call`, {
      to: wago.user.phone,
    })

    expect(await told('call', { callId })).toEqual({
      callId,
      from: expect.stringMatching(/^\d+@lid$/),
      fromPn: wago.contactJid,
      timestamp: expect.any(Number),
      isVideo: false,
      isGroup: false,
    })
  })

  test('whose name changes in the address book', async () => {
    const session = wago.app.parley.services.sessions.live(twin.id)

    await session.call((socket) =>
      socket.chatModify({ contact: { fullName: 'Ann Example', firstName: 'Ann' } }, wago.contactJid),
    )

    expect(await told('contact_changed', { jid: wago.contactJid, fullName: 'Ann Example' })).toEqual({
      jid: wago.contactJid,
      fullName: 'Ann Example',
      firstName: 'Ann',
    })
  })

  test('who are blocked and unblocked', async () => {
    await call('/contact/block/twin', { contactId: wago.contactJid })
    await call('/contact/unblock/twin', { contactId: wago.contactJid })

    expect(await told('blocklist_change', { action: 'block' })).toMatchObject({ jid: expect.any(String) })
    expect(await told('blocklist_change', { action: 'unblock' })).toMatchObject({ jid: expect.any(String) })
  })

  test('whose picture changes', async () => {
    await call('/client/setProfilePicture/twin', { pictureMimetype: 'image/png', pictureData: GROUP_PICTURE })

    expect(await told('picture', { jid: wago.ownJid })).toMatchObject({ removed: false })
  })
})

describe('groups', () => {
  test('that the account comes into and that change', async () => {
    const { jid: group } = await wago.app.sandbox('POST', '/groups', {
      subject: 'Team',
      creator: wago.contact,
      participants: [wago.user.phone],
    })
    const joined = await told('group_join', { group })
    await call('/groupChat/leave/twin', { chatId: group })

    expect(joined).toMatchObject({ group, name: 'Team', sender: wago.contactJid })
    expect(await told('group_update', { group })).toMatchObject({
      group,
      sender: wago.ownJid,
      timestamp: expect.any(Number),
      leave: [expect.any(String)],
    })
  })
})

describe('channels', () => {
  test('that are followed, posted in, silenced and left', async () => {
    const owner = await wago.app.linkedUser({ name: 'owner' })
    const { result } = await call('/client/createChannel/owner', { title: 'News' })
    const channelId = result.id
    await call('/client/subscribeToChannel/main', { channelId })
    const joined = await told('newsletter_join', { channel: channelId })
    await call('/channel/sendMessage/owner', { chatId: channelId, text: 'Breaking' })
    const posted = await told('newsletter_message', { channel: channelId })
    await call('/channel/mute/main', { chatId: channelId })
    const muted = await told('newsletter_mute_change', { channel: channelId })
    await call('/client/unsubscribeFromChannel/main', { channelId })

    expect(owner.id).not.toBe('')
    expect(joined).toEqual({ channel: channelId, name: 'News' })
    expect(posted).toMatchObject({ body: 'Breaking', type: 'text', serverId: expect.any(Number) })
    expect(muted).toEqual({ channel: channelId, mute: 'on' })
    expect(await told('newsletter_leave', { channel: channelId })).toMatchObject({ channel: channelId })
  })
})

test('deliveries carry the headers of Standard Webhooks and plain JSON', async () => {
  await told('ready')

  const request = receiver.requests.find(({ path }) => path === '/webhook/main/ready')

  expect(request?.method).toBe('POST')
  expect(request?.headers).toMatchObject({
    'content-type': 'application/json',
    'webhook-id': expect.any(String),
    'webhook-timestamp': expect.stringMatching(/^\d+$/),
  })
  expect(request?.body).toBe('{"sessionId":"main","event":"ready","data":{}}')
})
