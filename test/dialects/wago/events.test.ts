import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wago as dialect } from '../../../src/dialects/wago/index.ts'
import type { LinkedUser } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { type ReceivedRequest, type Receiver, startReceiver } from '../../helpers/receiver.ts'
import { sealedVote } from '../../whatsapp/inbound/poll-ballot.ts'
import { RFC3339, Wago } from './wago.ts'

/** Events are looked into freely. */
type Json = ReturnType<typeof JSON.parse>

const lid = expect.stringMatching(/^\d+@lid$/)
const at = expect.stringMatching(RFC3339)
const person = expect.stringMatching(/^\d+@(lid|s\.whatsapp\.net)$/)

describe.each(databaseKinds)('on %s', (database) => {
  let wago: Wago
  let receiver: Receiver
  beforeAll(async () => {
    receiver = await startReceiver()
    wago = await Wago.start({ database })
    await wago.post('/webhook', { WebhookURL: receiver.url })
  })
  afterAll(async () => {
    await wago.close()
    await receiver.close()
  })

  /** The first delivery of that type to a session which `matches` likes. */
  function told(
    type: string,
    matches: (event: Json) => boolean = () => true,
    of: { token: string } = wago.user,
  ): Promise<ReceivedRequest & { event: Json }> {
    return wago.app.waitFor(type, () =>
      receiver.requests.find(
        ({ fields, event }) => fields.token === of.token && event.type === type && matches(event),
      ),
    )
  }

  const toldMessage = (id: string) => told('Message', ({ event }) => event.Info.ID === id)

  /** A session that is subscribed to these classes before a phone scans its code. */
  async function subscribed(Subscribe: string[] | string): Promise<LinkedUser> {
    const user = await wago.unlinked()
    await wago.post('/webhook', { WebhookURL: receiver.url }, user.token)
    await wago.post('/session/connect', { Subscribe, Immediate: true }, user.token)
    const session = () => wago.app.parley.services.sessions.find(user.id)
    const qr = await wago.app.waitFor('a code', () => session()?.status.qr)
    const phone = `55119${Math.floor(Math.random() * 90_000_000) + 10_000_000}`
    await wago.app.sandbox('POST', '/scan', { qr, phone, name: 'Own phone' })
    await wago.app.waitFor('the phone', () => session()?.status.loggedIn)
    return { ...user, phone }
  }

  const typesOf = ({ token }: { token: string }) =>
    receiver.requests.filter(({ fields }) => fields.token === token).map(({ event }) => event.type)

  test('a delivery is a form with the fields jsonData and token, byte by byte', async () => {
    // From a phone that gives its messages no secret, which would be another one each time.
    const message = { conversation: 'Good day & bye: 100% "Grüße"', messageContextInfo: {} }
    const id = await wago.hears({ message, id: 'LITERAL1' })

    const { method, headers, fields, body, event } = await toldMessage(id)

    expect([method, headers['content-type']]).toEqual(['POST', 'application/x-www-form-urlencoded'])
    expect(Object.keys(fields)).toEqual(['jsonData', 'token'])
    expect(fields.token).toBe(wago.user.token)
    expect(Object.keys(event)).toEqual(['event', 'type'])
    const instant = encodeURIComponent(event.event.Info.Timestamp)
    expect(body).toBe(
      'jsonData=%7B%22event%22%3A%7B%22Info%22%3A%7B%22Chat%22%3A%22982929696222031%40lid%22%2C' +
        '%22Sender%22%3A%22982929696222031%40lid%22%2C%22IsFromMe%22%3Afalse%2C' +
        '%22IsGroup%22%3Afalse%2C%22AddressingMode%22%3A%22%22%2C' +
        '%22SenderAlt%22%3A%225511987654321%40s.whatsapp.net%22%2C%22RecipientAlt%22%3A%22%22%2C' +
        '%22BroadcastListOwner%22%3A%22%22%2C%22BroadcastRecipients%22%3Anull%2C' +
        '%22ID%22%3A%22LITERAL1%22%2C%22ServerID%22%3A0%2C%22Type%22%3A%22text%22%2C' +
        `%22PushName%22%3A%22Maria%22%2C%22Timestamp%22%3A%22${instant}%22%2C%22Category%22%3A%22%22%2C` +
        '%22Multicast%22%3Afalse%2C%22MediaType%22%3A%22%22%2C%22Edit%22%3A%22%22%2C' +
        '%22MsgBotInfo%22%3A%7B%22EditType%22%3A%22%22%2C%22EditTargetID%22%3A%22%22%2C' +
        '%22EditSenderTimestampMS%22%3A%220001-01-01T00%3A00%3A00Z%22%7D%2C' +
        '%22MsgMetaInfo%22%3A%7B%22TargetID%22%3A%22%22%2C%22TargetSender%22%3A%22%22%2C' +
        '%22TargetChat%22%3A%22%22%2C%22DeprecatedLIDSession%22%3Anull%2C' +
        '%22ThreadMessageID%22%3A%22%22%2C%22ThreadMessageSenderJID%22%3A%22%22%7D%2C' +
        '%22IsNewsletterStatus%22%3Afalse%2C%22VerifiedName%22%3Anull%2C%22DeviceSentMeta%22%3Anull%7D%2C' +
        '%22Message%22%3A%7B%22conversation%22%3A%22Good+day+%5Cu0026+bye%3A+100%25+%5C%22Gr%C3%BC%C3%9Fe%5C%22%22%7D%2C' +
        '%22IsEphemeral%22%3Afalse%2C%22IsViewOnce%22%3Afalse%2C%22IsViewOnceV2%22%3Afalse%2C' +
        '%22IsViewOnceV2Extension%22%3Afalse%2C%22IsDocumentWithCaption%22%3Afalse%2C' +
        '%22IsLottieSticker%22%3Afalse%2C%22IsBotInvoke%22%3Afalse%2C%22IsEdit%22%3Afalse%2C' +
        '%22SourceWebMsg%22%3Anull%2C%22UnavailableRequestID%22%3A%22%22%2C%22RetryCount%22%3A0%2C' +
        '%22NewsletterMeta%22%3Anull%2C' +
        '%22RawMessage%22%3A%7B%22conversation%22%3A%22Good+day+%5Cu0026+bye%3A+100%25+%5C%22Gr%C3%BC%C3%9Fe%5C%22%22%7D%7D%2C' +
        `%22type%22%3A%22Message%22%7D&token=${wago.user.token}`,
    )
  })

  describe('Message', () => {
    test('tells what a contact wrote', async () => {
      const id = await wago.hears({ text: 'hi' })

      expect((await toldMessage(id)).event).toMatchObject({
        type: 'Message',
        event: {
          Info: {
            ID: id,
            Chat: lid,
            Sender: lid,
            SenderAlt: wago.contactJid,
            IsFromMe: false,
            IsGroup: false,
            PushName: 'Maria',
            Timestamp: at,
            Type: 'text',
          },
          Message: { conversation: 'hi' },
        },
      })
    })

    test('tells what was written in a group', async () => {
      const group = await wago.newGroup()
      const id = await wago.hears({ group, text: 'all' })

      expect((await toldMessage(id)).event.event.Info).toMatchObject({ Chat: group, IsGroup: true })
    })

    test('tells what a download needs of a file', async () => {
      const id = await wago.hears({ image: true })

      const { imageMessage } = (await toldMessage(id)).event.event.Message

      const { status, json } = await wago.post('/message/download/image', imageMessage)
      expect([status, json.data?.Mimetype]).toEqual([200, 'image/jpeg'])
    })

    test('tells a vote with the hashes of the options', async () => {
      const poll = await wago.arrives('/send/poll', {
        Question: 'Lunch?',
        MaxAnswer: 1,
        Options: ['Yes', 'No'],
      })
      const hash = createHash('sha256').update('Yes').digest('hex')
      const vote = (options: string[]) =>
        wago.says({
          message: {
            pollUpdateMessage: {
              pollCreationMessageKey: { id: poll.id, remoteJid: wago.ownJid },
              vote: sealedVote({
                pollId: poll.id,
                voter: wago.contactJid,
                creator: wago.ownJid,
                secret: Buffer.from(poll.message.messageContextInfo.messageSecret, 'base64'),
                options,
              }),
            },
          },
        })

      const [chosen, withdrawn] = [await vote(['Yes']), await vote([])]

      expect((await toldMessage(chosen)).event).toMatchObject({ type: 'Message', decryptVote: [hash] })
      expect((await toldMessage(withdrawn)).event.decryptVote).toEqual([])
    })

    test('tells what an order says of itself', async () => {
      const orderMessage = {
        orderId: '123456789',
        token: 'AR7LsQpmS1K/HO24sdk5QnV80g==',
        orderTitle: 'MyShopName',
        message: 'Two, please',
        sellerJid: wago.ownJid,
        itemCount: 2,
        totalAmount1000: 100_000,
        totalCurrencyCode: 'INR',
      }
      const id = await wago.hears({ message: { orderMessage } })

      expect((await toldMessage(id)).event.orderDetails).toEqual({
        OrderId: '123456789',
        Token: 'AR7LsQpmS1K/HO24sdk5QnV80g==',
        Title: 'MyShopName',
        Text: 'Two, please',
        SellerJID: wago.ownJid,
        ItemCount: 2,
        TotalAmount1000: 100_000,
        Currency: 'INR',
      })
    })

    test('has neither votes nor orders where there are none', async () => {
      const id = await wago.hears({ text: 'plain' })

      expect(Object.keys((await toldMessage(id)).event).toSorted()).toEqual(['event', 'type'])
    })
  })

  test.each([
    ['delivered', 'Delivered', ''],
    ['read', 'Read', 'read'],
  ])('ReadReceipt tells what was %s', async (type, state, Type) => {
    const { id } = await wago.arrives('/send/text', { Body: 'seen?' })
    await wago.app.sandbox('POST', `/contacts/${wago.contact}/receipt`, { ids: [id], type })

    const { event } = await told(
      'ReadReceipt',
      (one) => one.state === state && one.event.MessageIDs.includes(id),
    )

    expect(Object.keys(event)).toEqual(['event', 'state', 'type'])
    expect(event.event).toMatchObject({ Type, Sender: person, IsFromMe: false, Timestamp: at })
  })

  test('Presence tells who is online and offline', async () => {
    // The document has no route to ask for it.
    await wago.app.post('/wuzapi/user/presence/subscribe', wago.user.token, { Phone: wago.contact })
    const presence = (type: string) =>
      wago.app.sandbox('POST', `/contacts/${wago.contact}/presence`, { type })

    await presence('available')
    const online = await told('Presence', ({ state }) => state === 'online')
    await presence('unavailable')
    const offline = await told('Presence', ({ state, event }) => state === 'offline' && event.LastSeen > '1')

    expect(online.event.event).toMatchObject({ From: person, Unavailable: false })
    expect(offline.event.event).toMatchObject({ From: person, Unavailable: true })
  })

  test.each([
    ['composing', { State: 'composing', Media: '' }],
    ['recording', { State: 'composing', Media: 'audio' }],
    ['paused', { State: 'paused', Media: '' }],
  ])('ChatPresence tells that a contact is %s', async (state, expected) => {
    await wago.app.sandbox('POST', `/contacts/${wago.contact}/typing`, { to: wago.user.phone, state })

    const { event } = await told(
      'ChatPresence',
      (one) => one.event.State === expected.State && one.event.Media === expected.Media,
    )

    expect(event.event).toMatchObject({
      ...expected,
      Chat: lid,
      Sender: lid,
      SenderAlt: wago.contactJid,
    })
  })

  test('Call tells the signals of a call, and what this server did to it', async () => {
    const signal = async (kind: string, callId?: string) => {
      const body = { to: wago.user.phone, kind, callId, reason: 'timeout' }
      return (await wago.app.sandbox('POST', `/contacts/${wago.contact}/call`, body)).callId
    }
    const of = (id: string) => (one: Json) => one.event.CallID === id
    const taken = await signal('offer')
    await signal('accept', taken)
    await signal('terminate', taken)
    const rejected = await signal('offer')

    expect((await told('CallOffer', of(taken))).event.event).toMatchObject({ From: person, Timestamp: at })
    expect((await told('CallAccept', of(taken))).event.event).toMatchObject({ From: person })
    expect((await told('CallTerminate', of(taken))).event.event).toMatchObject({ Reason: 'timeout' })
    await told('CallOffer', of(rejected))
    await wago.post('/call/reject', { CallID: rejected })
    expect((await told('CallState', (one) => one.event.callID === rejected)).event.event).toEqual({
      callID: rejected,
      state: 'ended',
      direction: 'incoming',
      peer: person,
      reason: 'rejected',
    })
  })

  test('Newsletter tells that a channel is followed', async () => {
    const owner = await wago.app.linkedUser({ events: '' })
    const [, { data }] = await wago.call('/newsletter/create', { Name: 'Tides' }, owner.token)

    await wago.post('/newsletter/subscribe', { Jid: data.id })

    const { event } = await told('NewsletterJoin', (one) => one.event.id === data.id)
    expect(event.event).toMatchObject({ thread_metadata: { name: { text: 'Tides' } } })
  })

  test('HistorySync and LoggedOut tell how a phone comes and goes', async () => {
    const user = await subscribed(['HistorySync', 'LoggedOut'])

    const { event: history } = await told('HistorySync', () => true, user)
    await wago.app.sandbox('POST', '/disconnect', { jid: user.phone, code: 401 })
    const { event: gone } = await told('LoggedOut', () => true, user)

    expect(history.event.Data).toHaveProperty('syncType')
    expect(Object.keys(gone.event).toSorted()).toEqual(['OnConnect', 'Reason'])
    expect(new Set(typesOf(user))).toEqual(new Set(['HistorySync', 'LoggedOut']))
  })

  describe('what a session is not subscribed to', () => {
    const happens = async (user: LinkedUser) => {
      await wago.app.sandbox('POST', `/contacts/${wago.contact}/typing`, { to: user.phone })
      await wago.app.sandbox('POST', `/contacts/${wago.contact}/call`, { to: user.phone })
      return wago.hears({ text: 'told or not' }, user)
    }

    test.each([
      [['Message'], ['Message']],
      [['ChatPresence'], ['ChatPresence']],
      [['Call'], ['CallOffer']],
      [
        ['Message', 'ChatPresence'],
        ['ChatPresence', 'Message'],
      ],
      ['Message,Call', ['CallOffer', 'Message']],
    ])('is not told: %j', async (Subscribe, types) => {
      const user = await subscribed(Subscribe)

      await happens(user)

      await expect.poll(() => [...new Set(typesOf(user))].toSorted()).toEqual(types)
    })

    test('All is everything', async () => {
      const user = await subscribed('All')

      await happens(user)

      await expect
        .poll(() => [...new Set(typesOf(user))].toSorted())
        .toEqual(['CallOffer', 'ChatPresence', 'HistorySync', 'Message'])
    })
  })

  test('nothing is told once the address is empty', async () => {
    const user = await subscribed('Message')
    await wago.hears({ text: 'one' }, user)
    await told('Message', () => true, user)
    await wago.post('/webhook', { WebhookURL: '' }, user.token)

    const id = await wago.hears({ text: 'two' }, user)

    await toldMessage(await wago.hears({ text: 'to somebody else' }))
    expect(receiver.requests.filter(({ body }) => body.includes(id))).toEqual([])
  })

  test('a receiver that fails gets the delivery again', async () => {
    receiver.answerBy(({ body }) => (body.includes('AGAIN1') && countOf('AGAIN1') === 0 ? 503 : undefined))
    const countOf = (id: string) => receiver.requests.filter(({ body }) => body.includes(id)).length

    await wago.hears({ text: 'again', id: 'AGAIN1' })

    await expect.poll(() => countOf('AGAIN1'), { timeout: 30_000 }).toBe(2)
  })

  test('the classes are those of the document', () => {
    expect(dialect.webhooks?.eventNames).toEqual([
      'Message',
      'ReadReceipt',
      'Presence',
      'HistorySync',
      'ChatPresence',
      'Call',
      'All',
      'Newsletter',
      'LoggedOut',
    ])
  })
})
