import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds } from '../../helpers/database.ts'
import { done, failure, refused, Wago } from './wago.ts'

const ok = done('ok')
const HOUR_MS = 3_600_000

describe.each(databaseKinds)('on %s', (database) => {
  let wago: Wago
  beforeAll(async () => {
    wago = await Wago.start({ database })
    await wago.hears({ text: 'Hello' })
  })
  afterAll(() => wago.close())

  describe('/chat/pin and /chat/unpin', () => {
    const pinned = async () => (await wago.setting('pin_v1', wago.contactJid)).pinAction.pinned

    test('keep a chat on top and let it go', async () => {
      expect(await wago.call('/chat/pin', { Chat: wago.contact })).toEqual(ok)
      expect(await pinned()).toBe(true)

      expect(await wago.call('/chat/unpin', { Chat: wago.contact })).toEqual(ok)
      expect(await pinned()).toBe(false)
    })

    test('Pin says which', async () => {
      await wago.call('/chat/pin', { Chat: wago.contactJid, Pin: true })
      expect(await pinned()).toBe(true)

      await wago.call('/chat/pin', { chat: wago.contactJid, pin: false })
      expect(await pinned()).toBe(false)
    })

    test('cannot decode a Pin that is neither', async () => {
      expect(await wago.call('/chat/pin', { Chat: wago.contact, Pin: 'yes' })).toEqual(
        refused('could not decode payload'),
      )
    })

    test('say what WhatsApp refused', async () => {
      const query = { kind: 'refuse-query', xmlns: 'w:sync:app:state', code: 500, text: 'broken', times: 1 }
      await wago.app.sandbox('POST', '/faults', query)

      expect(await wago.call('/chat/pin', { Chat: wago.contact })).toEqual([
        500,
        failure(500, expect.any(String)),
      ])
    })
  })

  describe('/chat/archive', () => {
    const archived = async () => (await wago.setting('archive', wago.contactJid)).archiveChatAction.archived

    test('puts a chat aside and brings it back', async () => {
      expect(await wago.call('/chat/archive', { Chat: wago.contact })).toEqual(ok)
      expect(await archived()).toBe(true)

      expect(await wago.call('/chat/archive', { Chat: wago.contact, Archive: false })).toEqual(ok)
      expect(await archived()).toBe(false)
    })

    test('cannot decode an Archive that is neither', async () => {
      expect(await wago.call('/chat/archive', { Chat: wago.contact, Archive: 0 })).toEqual(
        refused('could not decode payload'),
      )
    })
  })

  describe('/chat/mute', () => {
    const mute = async () => (await wago.setting('mute', wago.contactJid)).muteAction

    test('silences a chat for ever, and lets it be heard again', async () => {
      expect(await wago.call('/chat/mute', { Chat: wago.contact })).toEqual(ok)
      expect(await mute()).toMatchObject({ muted: true, muteEndTimestamp: '-1' })

      expect(await wago.call('/chat/mute', { Chat: wago.contact, Mute: false })).toEqual(ok)
      expect((await mute()).muted).toBe(false)
    })

    test.each([
      ['8h', 8],
      ['7d', 7 * 24],
      ['1w', 7 * 24],
      ['1h30m', 1.5],
      [3_600, 1],
      ['3600', 1],
    ])('silences it for %j', async (Duration, hours) => {
      const before = Date.now()

      await wago.call('/chat/mute', { Chat: wago.contact, Mute: true, Duration })

      const end = Number((await mute()).muteEndTimestamp)
      expect((end - before) / HOUR_MS).toBeCloseTo(hours, 1)
    })

    test.each(['soon', '8 hours', '-1h', -5, 'h'])('refuses the duration %j', async (Duration) => {
      expect(await wago.call('/chat/mute', { Chat: wago.contact, Duration })).toEqual(
        refused('Duration must be a number of seconds, or a text such as 8h or 7d'),
      )
    })

    test.each([{ Duration: {} }, { Duration: true }, { Mute: 'no' }])('cannot decode %j', async (field) => {
      expect(await wago.call('/chat/mute', { Chat: wago.contact, ...field })).toEqual(
        refused('could not decode payload'),
      )
    })
  })

  test.each([
    ['/chat/typing/start', 'composing'],
    ['/chat/typing/stop', 'paused'],
    ['/chat/recording/start', 'composing'],
    ['/chat/recording/stop', 'paused'],
  ])('%s shows the contact "%s"', async (path, state) => {
    const count = async () => (await chatStates(state)).length
    const before = await count()

    expect(await wago.call(path, { Jid: wago.contact })).toEqual(ok)

    await expect.poll(count).toBe(before + 1)
  })

  async function chatStates(state: string) {
    const { observations } = await wago.app.sandbox('GET', `/contacts/${wago.contact}/observations`)
    return observations.filter(
      ({ tag, children }: { tag: string; children: string[] }) =>
        tag === 'chatstate' && children[0] === state,
    )
  }

  test('/chat/delete removes the chat from all devices of the account', async () => {
    expect(await wago.call('/chat/delete', { Phone: wago.contact })).toEqual(ok)

    expect(await wago.setting('deleteChat', wago.contactJid, '0')).toHaveProperty('deleteChatAction')
  })

  describe('/chat/read and /chat/unread', () => {
    const isRead = async () =>
      (await wago.setting('markChatAsRead', wago.contactJid)).markChatAsReadAction.read

    test('tell the contact and the own devices', async () => {
      const id = await wago.hears({ text: 'Have you read it?' })

      expect(await wago.call('/chat/read', { Phone: wago.contact })).toEqual(ok)

      await wago.observed(({ tag, attrs, children }) => {
        const isReceipt = tag === 'receipt' && attrs.type === 'read'
        return isReceipt && (attrs.id === id || children.includes('list'))
      })
    })

    test('mark it as unread again', async () => {
      expect(await wago.call('/chat/unread', { Phone: wago.contact })).toEqual(ok)

      expect(await isRead()).toBe(false)
    })
  })

  describe('/chat/disappearing-timer', () => {
    test.each([
      ['24h', 86_400],
      ['7d', 604_800],
      ['90d', 7_776_000],
      ['off', 0],
    ])('lets messages of a group disappear: %s', async (timer, seconds) => {
      const group = await wago.newGroup()

      expect(await wago.call('/chat/disappearing-timer', { phone: group, timer })).toEqual(ok)

      expect((await wago.group(group)).ephemeralSeconds).toBe(seconds)
    })

    test('tells a contact', async () => {
      expect(await wago.call('/chat/disappearing-timer', { Phone: wago.contact, Timer: '24h' })).toEqual(ok)

      const { protocolMessage } = await wago.change(
        (message) => message.protocolMessage?.ephemeralExpiration > 0,
      )
      expect(protocolMessage).toMatchObject({ type: 'EPHEMERAL_SETTING', ephemeralExpiration: 86_400 })
    })

    test.each(['1h', 'never', '86401'])('refuses %j', async (timer) => {
      expect(await wago.call('/chat/disappearing-timer', { phone: wago.contact, timer })).toEqual(
        refused('timer must be off, 24h, 7d or 90d'),
      )
    })
  })

  describe('labels', () => {
    const label = (id: string) => wago.setting('label_edit', id)

    test('are made, renamed and deleted', async () => {
      const made = await wago.call('/label/edit', { LabelId: '1', Name: 'My Label', Color: 1, Action: true })
      expect(made).toEqual(ok)
      expect((await label('1')).labelEditAction).toMatchObject({ name: 'My Label', color: 1, deleted: false })

      await wago.call('/label/edit', { labelid: '1', name: 'Yours', color: 2 })
      expect((await label('1')).labelEditAction).toMatchObject({ name: 'Yours', color: 2 })

      expect(await wago.call('/label/edit', { LabelId: '1', Action: false })).toEqual(ok)
      expect((await label('1')).labelEditAction).toMatchObject({ deleted: true })
    })

    test('go on a chat and come off', async () => {
      const index = ['label_jid', '1', wago.contactJid]

      expect(await wago.call('/label/chat', { jid: wago.contact, labelid: '1' })).toEqual(ok)
      expect((await wago.setting(...index)).labelAssociationAction.labeled).toBe(true)

      expect(await wago.call('/unlabel/chat', { Jid: wago.contact, LabelId: '1' })).toEqual(ok)
      expect((await wago.setting(...index)).labelAssociationAction.labeled).toBe(false)
    })

    test('go on a message and come off', async () => {
      const body = { Jid: wago.contact, LabelId: '1', MessageId: '9812JHSHAS87' }
      const index = ['label_message', '1', wago.contactJid, '9812JHSHAS87', '0', '0']

      expect(await wago.call('/label/message', body)).toEqual(ok)
      expect((await wago.setting(...index)).labelAssociationAction.labeled).toBe(true)

      expect(await wago.call('/unlabel/message', body)).toEqual(ok)
      expect((await wago.setting(...index)).labelAssociationAction.labeled).toBe(false)
    })

    test.each([
      [{ LabelId: '1', Action: true }, 'missing Name in payload'],
      [{ LabelId: '1', Name: 'A', Color: 1.5 }, 'could not decode payload'],
    ])('are refused: %j', async (body, sentence) => {
      expect(await wago.call('/label/edit', body)).toEqual(refused(sentence))
    })
  })
})
