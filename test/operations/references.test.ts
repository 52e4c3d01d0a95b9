import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../helpers/app.ts'
import { databaseKinds } from '../helpers/database.ts'
import { picture } from '../helpers/media.ts'

// What callers leave to the store: whether an edit is one of a caption, and what the message they answer says.
describe.each(databaseKinds)('on %s', (database) => {
  let app: TestApp
  let user: LinkedUser
  let image: string
  const contact = '447900000461'
  const contactJid = `${contact}@s.whatsapp.net`
  beforeAll(async () => {
    app = await TestApp.start({ database })
    user = await app.linkedUser()
    await app.contact(contact)
    image = `data:image/png;base64,${(await picture('png', [8, 8])).toString('base64')}`
  })
  afterAll(() => app.close())

  /** Sends something; gives its id once the contact has it. */
  async function sends(path: string, body: object): Promise<string> {
    const { status, json } = await app.post(path, user.token, { Phone: contact, ...body })
    expect(status).toBe(200)
    await arrived(json.data.Id)
    return json.data.Id
  }

  /** A message that the contact has decrypted, as its phone shows it now. */
  function arrived(id: string) {
    return app.waitFor(`message ${id}`, async () =>
      (await app.received(contact)).find((one) => one.id === id),
    )
  }

  /** Lets the contact write; gives the id once the server has the message. */
  async function hears(content: object): Promise<string> {
    const { id } = await app.sandbox('POST', `/contacts/${contact}/send`, { to: user.phone, ...content })
    await app.waitFor('the message to be stored', async () => {
      const stored = await app.parley.services.db('messages').where({ user_id: user.id, id }).first()
      return stored !== undefined
    })
    return id
  }

  /** What an answer quotes. */
  async function quotedBy(id: string) {
    const { message } = await arrived(id)
    const { extendedTextMessage, locationMessage } = message
    return (extendedTextMessage ?? locationMessage).contextInfo
  }

  describe.each([
    ['/chat/send/image', 'imageMessage', () => ({ Image: image })],
    ['/chat/send/document', 'documentMessage', () => ({ Document: image, FileName: 'a.png' })],
  ])('the caption of what %s sent', (path, member, file) => {
    test.each([
      ['wuzapi', '/chat/send/edit', (Id: string) => ({ Phone: contact, Body: 'the cat', Id })],
      [
        'wago',
        '/wago/message/edit',
        (MessageID: string) => ({ Chat: contact, Message: 'the cat', MessageID }),
      ],
    ])('is changed by %s, and the file stays', async (_dialect, edit, body) => {
      const id = await sends(path, { Caption: 'teh cat', ...file() })

      const { status } = await app.post(edit, user.token, body(id))

      expect(status).toBe(200)
      const shown = await app.waitFor('the new caption', async () => {
        const message = await arrived(id)
        return message.text === 'the cat' && message
      })
      expect(JSON.stringify(shown.message)).toContain(`"${member}":{"url":`)
    })
  })

  test('the caption of an edited picture is quoted as it stands', async () => {
    const id = await sends('/chat/send/image', { Caption: 'teh cat', Image: image })
    await app.post('/chat/send/edit', user.token, { Phone: contact, Body: 'the cat', Id: id })
    const { json } = await app.post('/chat/send/text', user.token, {
      Phone: contact,
      Body: 'that one',
      ContextInfo: { StanzaID: id, Participant: user.phone },
    })

    const { quotedMessage } = await quotedBy(json.data.Id)
    expect(quotedMessage.imageMessage).toMatchObject({ caption: 'the cat', url: expect.any(String) })
  })

  test('an answer that names a message by id alone quotes what is stored, and its author as the chat names people', async () => {
    const asked = await hears({ text: 'Where?' })

    const id = await sends('/chat/send/text', {
      Body: 'Here',
      ContextInfo: { StanzaID: asked, Participant: contact },
    })

    const context = await quotedBy(id)
    expect(context).toMatchObject({ stanzaId: asked, quotedMessage: { conversation: 'Where?' } })
    expect(context.participant).toMatch(/@lid$/)
  })

  test('so does one of another kind, with what is quoted as it was edited', async () => {
    const asked = await hears({ text: 'Wher?' })
    const edit = { to: user.phone, edit: { id: asked, text: 'Where?' } }
    await app.sandbox('POST', `/contacts/${contact}/send`, edit)
    await app.waitFor('the edit to be stored', () =>
      app.parley.services.db('message_responses').where({ user_id: user.id, target_id: asked }).first(),
    )

    const id = await sends('/chat/send/location', {
      Latitude: 1,
      Longitude: 2,
      ContextInfo: { StanzaID: asked, Participant: contactJid },
    })

    expect((await quotedBy(id)).quotedMessage).toEqual({ conversation: 'Where?' })
  })

  test('an answer to what is not stored goes out as it is, with a whole JID', async () => {
    const id = await sends('/chat/send/text', {
      Body: 'Here',
      ContextInfo: { StanzaID: 'UNKNOWN', Participant: `+${contact}` },
    })

    expect(await quotedBy(id)).toEqual({
      stanzaId: 'UNKNOWN',
      participant: contactJid,
      quotedMessage: { conversation: '' },
    })
  })

  test('what the caller quotes counts', async () => {
    const asked = await hears({ text: 'Where?' })

    const id = await sends('/chat/send/text', {
      Body: 'Here',
      ContextInfo: { StanzaID: asked, Participant: contactJid },
      QuotedText: 'Why?',
    })

    expect(await quotedBy(id)).toMatchObject({
      participant: contactJid,
      quotedMessage: { extendedTextMessage: { text: 'Why?' } },
    })
  })
})
