import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { failure } from './contract/target.ts'

let app: TestApp
let user: LinkedUser
const contact = '447900000701'
const contactJid = `${contact}@s.whatsapp.net`
beforeAll(async () => {
  app = await TestApp.start({ env: { WUZAPI_PROFILE: 'current' } })
  user = await app.linkedUser()
  await app.contact(contact)
})
afterAll(() => app.close())

async function call(path: string, body: unknown): Promise<unknown[]> {
  const { status, json } = await app.post(path, user.token, body)
  return [status, json]
}

const done = (data: object) => [200, { code: 200, data: { ...data, success: true }, success: true }]

/** What the phone knows of the settings it shares with its companions: the newest value of each. */
async function setting(...index: string[]) {
  const { settings } = await app.sandbox('GET', `/contacts/${user.phone}/settings`)
  return settings.find((one: { index: string[] }) => one.index.join() === index.join())?.value
}

const chatErrors = [
  [{ jid: 7 }, 'could not decode Payload'],
  [{}, 'missing jid in Payload'],
  [{ jid: 'a.b.c@s.whatsapp.net' }, 'invalid Chat JID format'],
] as const

describe('/chat/archive', () => {
  test('archives a chat, takes its pin away, and brings it back', async () => {
    const archived = await call('/chat/archive', { jid: contactJid, archive: true })
    expect(archived).toEqual(done({ message: 'Chat archived' }))
    expect(await setting('archive', contactJid)).toMatchObject({
      archiveChatAction: { archived: true, messageRange: { lastMessageTimestamp: expect.any(String) } },
    })
    expect(await setting('pin_v1', contactJid)).toMatchObject({ pinAction: { pinned: false } })

    const restored = await call('/chat/archive', { JID: `${contact}:4@s.whatsapp.net` })
    expect(restored).toEqual(done({ message: 'Chat unarchived' }))
    expect(await setting('archive', contactJid)).toMatchObject({ archiveChatAction: { archived: false } })
  })

  test.each(chatErrors)('refuses %j', async (body, sentence) => {
    expect(await call('/chat/archive', body)).toEqual([400, failure(400, sentence)])
  })

  test('says in its own words that WhatsApp refused', async () => {
    const query = { kind: 'refuse-query', xmlns: 'w:sync:app:state', code: 500, text: 'broken', times: 1 }
    await app.sandbox('POST', '/faults', query)

    const { status, json } = await app.post('/chat/archive', user.token, { jid: contactJid })

    expect(status).toBe(500)
    expect(json).toEqual({
      code: 500,
      error: expect.stringMatching(/^failed to archive chat: .+/),
      success: false,
    })
  })
})

describe('/chat/mute', () => {
  test('silences a chat for eight hours unless told otherwise', async () => {
    const before = Date.now()

    const usual = await call('/chat/mute', { jid: contactJid, mute: true })
    const { muteAction: eightHours } = await setting('mute', contactJid)
    await call('/chat/mute', { jid: contactJid, mute: true, duration_seconds: 60 })
    const { muteAction: minute } = await setting('mute', contactJid)

    expect(usual).toEqual(done({ message: 'Chat muted' }))
    expect(eightHours.muted).toBe(true)
    expect(Number(eightHours.muteEndTimestamp)).toBeGreaterThanOrEqual(before + 8 * 3_600_000)
    expect(Number(minute.muteEndTimestamp)).toBeLessThan(before + 3_600_000)
  })

  test('lets it be heard again', async () => {
    const answer = await call('/chat/mute', { jid: contact })

    expect(answer).toEqual(done({ message: 'Chat unmuted' }))
    expect(await setting('mute', contactJid)).toMatchObject({ muteAction: { muted: false } })
  })

  test.each([...chatErrors, [{ jid: contact, duration_seconds: 1.5 }, 'could not decode Payload'] as const])(
    'refuses %j',
    async (body, sentence) => {
      expect(await call('/chat/mute', body)).toEqual([400, failure(400, sentence)])
    },
  )
})

describe('/chat/delete-all', () => {
  test.each([
    [false, '0'],
    [true, '1'],
  ])('removes a chat, with its files: %j', async (delete_media, option) => {
    const answer = await call('/chat/delete-all', { jid: contactJid, delete_media })

    expect(answer).toEqual(done({ message: 'Chat deleted' }))
    expect(await setting('deleteChat', contactJid, option)).toHaveProperty('deleteChatAction')
  })

  test.each(chatErrors)('refuses %j', async (body, sentence) => {
    expect(await call('/chat/delete-all', body)).toEqual([400, failure(400, sentence)])
  })
})

describe('/label/edit', () => {
  test('makes a label and deletes it', async () => {
    const made = await call('/label/edit', { labelId: '7', name: 'Paid', color: 3 })
    expect(made).toEqual(done({ color: 3, deleted: false, labelId: '7', name: 'Paid' }))
    expect(await setting('label_edit', '7')).toMatchObject({
      labelEditAction: { name: 'Paid', color: 3, deleted: false },
    })

    const deleted = await call('/label/edit', { labelId: '7', deleted: true })
    expect(deleted).toEqual(done({ color: 0, deleted: true, labelId: '7', name: '' }))
    expect(await setting('label_edit', '7')).toMatchObject({ labelEditAction: { deleted: true } })
  })

  test.each([
    [{ labelId: 7 }, 'could not decode Payload'],
    [{}, 'missing labelId in Payload'],
    [{ labelId: '7' }, 'missing name in Payload'],
  ])('refuses %j', async (body, sentence) => {
    expect(await call('/label/edit', body)).toEqual([400, failure(400, sentence)])
  })
})

describe('/label/chat', () => {
  test('labels a chat and takes the label off', async () => {
    const on = await call('/label/chat', { jid: contact, labelId: '7', labeled: true })
    expect(on).toEqual(done({ jid: contactJid, labelId: '7', labeled: true }))
    expect(await setting('label_jid', '7', contactJid)).toMatchObject({
      labelAssociationAction: { labeled: true },
    })

    await call('/label/chat', { jid: contact, labelId: '7' })
    expect(await setting('label_jid', '7', contactJid)).toMatchObject({
      labelAssociationAction: { labeled: false },
    })
  })

  test.each([
    [{ labelId: 7 }, 'could not decode Payload'],
    [{}, 'missing jid in Payload'],
    [{ jid: 'a.b.c@lid' }, 'missing labelId in Payload'],
    [{ jid: 'a.b.c@lid', labelId: '7' }, 'invalid jid format'],
  ])('refuses %j', async (body, sentence) => {
    expect(await call('/label/chat', body)).toEqual([400, failure(400, sentence)])
  })
})

describe('/label/message', () => {
  test('labels a message and takes the label off', async () => {
    const label = { jid: contactJid, labelId: '7', messageId: 'MSG1' }

    expect(await call('/label/message', { ...label, labeled: true })).toEqual(
      done({ ...label, labeled: true }),
    )
    const on = await setting('label_message', '7', contactJid, 'MSG1', '0', '0')
    await call('/label/message', label)
    const off = await setting('label_message', '7', contactJid, 'MSG1', '0', '0')

    expect([on, off]).toMatchObject([
      { labelAssociationAction: { labeled: true } },
      { labelAssociationAction: { labeled: false } },
    ])
  })

  test.each([
    [{ labelId: 7 }, 'could not decode Payload'],
    [{}, 'missing jid in Payload'],
    [{ jid: 'a.b.c@lid' }, 'missing labelId in Payload'],
    [{ jid: 'a.b.c@lid', labelId: '7' }, 'missing messageId in Payload'],
    [{ jid: 'a.b.c@lid', labelId: '7', messageId: 'A' }, 'invalid jid format'],
  ])('refuses %j', async (body, sentence) => {
    expect(await call('/label/message', body)).toEqual([400, failure(400, sentence)])
  })
})
