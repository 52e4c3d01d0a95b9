import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds } from '../helpers/database.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'
import { DEVICE_NAME, Multisession } from './multisession/messaging.ts'
import { Conversation } from './wago-api/conversation.ts'
import { API_KEY, Wago } from './wago-api/wago.ts'

/** Five programs of one company, each with the dialect it was written for, in one conversation with a customer. */
describe.each(databaseKinds)('one conversation in five dialects on %s', (database) => {
  let device: Multisession
  let phone: Wago
  let talk: Conversation
  let wuzapi: Receiver
  let wsgo: Receiver
  let wago: Receiver
  let wagoApi: Receiver
  let multisession: Receiver

  beforeAll(async () => {
    wagoApi = await startReceiver()
    multisession = await startReceiver()
    const env = {
      API_KEY,
      WEBHOOK_FORMAT: 'json',
      BASE_WEBHOOK_URL: wagoApi.url,
    }
    device = await Multisession.start({ database, env })
    phone = Wago.of(device.app, device.device.user, device.contact)
    talk = new Conversation(phone)
    wuzapi = await startReceiver()
    wsgo = await startReceiver()
    await phone.app.post('/wuzapi/webhook', phone.user.token, { webhookURL: wuzapi.url, events: ['Message'] })
    await inWsgo('/api/webhook', { url: wsgo.url })
    wago = await startReceiver()
    await inWago('/webhook', { WebhookURL: wago.url })
    await device.call('POST /webhooks', { url: multisession.url, events: ['message.received'] })
  })
  afterAll(async () => {
    await phone.stop()
    await Promise.all([wuzapi, wsgo, wago, wagoApi, multisession].map((receiver) => receiver.close()))
  })

  function inWsgo(path: string, body: unknown) {
    const headers = { 'X-API-Key': phone.user.token }
    return phone.app.request('POST', `/wsgo${path}`, { headers, body })
  }

  function inWago(path: string, body: unknown) {
    return phone.app.post(`/wago${path}`, phone.user.token, body)
  }

  test('what one program says another can quote, and all hear the customer', async () => {
    const { contact, contactJid, user, app } = phone
    const chatId = contactJid
    const question = await talk.hears({ text: 'Is my parcel there?' })

    const greeting = await app.post('/wuzapi/chat/send/text', user.token, {
      Phone: contact,
      Body: 'Hello Ann',
    })
    const reply = await phone.call(`/message/reply/${DEVICE_NAME}`, {
      chatId,
      messageId: question,
      text: 'It came today',
    })
    const hours = await inWsgo('/api/send/text', { phone: contact, message: 'We close at six' })
    await phone.call(`/message/react/${DEVICE_NAME}`, {
      chatId,
      messageId: hours.json.messageID,
      reaction: '🕕',
    })
    const map = await inWago('/send/location', {
      Phone: contact,
      Latitude: 1,
      Longitude: 2,
      Name: 'Our shop',
    })
    const sorry = await inWago('/send/text', {
      Phone: contact,
      Body: 'Sorry for the wait',
      ContextInfo: { StanzaId: question },
    })
    await inWago('/message/react', { Phone: contact, Id: question, IsFromMe: false, Body: '📦' })
    await app.post('/wuzapi/chat/markread', user.token, { Id: [question], ChatPhone: contact })
    const [, gift] = await device.call(`POST /chats/${contact}/messages`, { text: 'The next one is free' })
    await device.call(`POST /messages/${gift.data.message_id}/reaction`, { chat_jid: chatId, emoji: '🎁' })
    const thanks = await talk.hears({ text: 'On my way' })

    const heard = []
    for (const id of [
      greeting.json.data.Id,
      reply.json.messageId,
      hours.json.messageID,
      sorry.json.data.Id,
      gift.data.message_id,
    ])
      heard.push((await talk.arrived(id)).text)
    expect(heard).toEqual([
      'Hello Ann',
      'It came today',
      'We close at six',
      'Sorry for the wait',
      'The next one is free',
    ])
    expect((await talk.arrived(map.json.data.Id)).message.locationMessage.name).toBe('Our shop')
    expect((await talk.about(question, 'reactionMessage')).reactionMessage.text).toBe('📦')
    expect((await talk.about(hours.json.messageID, 'reactionMessage')).reactionMessage.text).toBe('🕕')
    expect((await talk.about(gift.data.message_id, 'reactionMessage')).reactionMessage.text).toBe('🎁')
    for (const receiver of [wuzapi, wsgo, wago, wagoApi, multisession]) {
      const told = () =>
        [question, thanks].map((id) => receiver.requests.some(({ body }) => body.includes(id)))
      await expect.poll(told).toEqual([true, true])
    }
    expect(wagoApi.requests.map(({ path }) => path)).toContain(`/webhook/${DEVICE_NAME}/message`)
  })

  test('the customer, whose phone writes by LID, is named to each as its dialect promises', async () => {
    const id = await talk.hears({ text: 'Who am I?' })
    const told = (receiver: Receiver) =>
      phone.app.waitFor('the message', () => receiver.requests.find(({ body }) => body.includes(id))?.event)

    const lid = expect.stringMatching(/^\d+@lid$/)
    const info = { Info: { Chat: lid, Sender: lid, SenderAlt: phone.contactJid } }
    expect(await told(wuzapi)).toMatchObject({ event: info })
    expect(await told(wago)).toMatchObject({ event: info })
    expect(await told(wsgo)).toMatchObject({
      data: { from: phone.contactJid, chat: phone.contactJid },
    })
    expect(await told(wagoApi)).toMatchObject({
      data: { chat: phone.contactJid, sender: phone.contactJid },
    })
    expect(await told(multisession)).toMatchObject({ data: { chat: lid, from: lid } })
  })

  test('a program sees what the others said', async () => {
    const { json } = await phone.call(`/chat/fetchMessages/${DEVICE_NAME}`, { chatId: phone.contactJid })

    expect(json.messages.map(({ body }: { body: string }) => body)).toEqual([
      'Is my parcel there?',
      'Hello Ann',
      'It came today',
      'We close at six',
      'Our shop',
      'Sorry for the wait',
      'The next one is free',
      'On my way',
      'Who am I?',
    ])
  })
})
