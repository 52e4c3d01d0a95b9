import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { failure } from './contract/target.ts'

let app: TestApp
let user: LinkedUser
let reference: LinkedUser
const contact = '447900000501'
beforeAll(async () => {
  app = await TestApp.start({ env: { WUZAPI_PROFILE: 'current' } })
  user = await app.linkedUser()
  reference = await app.linkedUser({ profile: 'reference' })
  await app.contact(contact)
})
afterAll(() => app.close())

async function call(path: string, body: unknown, token = user.token): Promise<unknown[]> {
  const { status, json } = await app.post(path, token, body)
  return [status, json]
}

/** Sends something and yields what the contact decrypted of it. */
async function sends(path: string, body: object, token = user.token) {
  const { json } = await app.post(path, token, { Phone: contact, ...body })
  expect(json).toMatchObject({ code: 200, success: true, data: { Details: 'Sent' } })
  const received = await app.waitFor(`message ${json.data.Id}`, async () =>
    (await app.received(contact)).find((message) => message.id === json.data.Id),
  )
  return received.message
}

/** The buttons as phones read them. */
function flow(message: {
  interactiveMessage: {
    nativeFlowMessage: { buttons: { name: string; buttonParamsJson: string }[] }
  }
}) {
  return message.interactiveMessage.nativeFlowMessage.buttons.map(({ name, buttonParamsJson }) => ({
    name,
    ...JSON.parse(buttonParamsJson),
  }))
}

describe('/chat/send/buttons', () => {
  const path = '/chat/send/buttons'
  const Buttons = [{ title: 'Yes', id: 'y' }]

  test('arrives with a heading, a footer and every kind of button', async () => {
    const message = await sends(path, {
      Body: ' Choose ',
      Title: 'Lunch',
      Footer: 'Thanks',
      Buttons: [
        { title: 'Yes', id: 'y' },
        { type: ' REPLY ', text: 'No', buttonId: 'n' },
        { ButtonText: 'Perhaps' },
        { type: 'cta_url', title: 'Menu', url: 'https://example.com/menu' },
        { type: 'cta_call', title: 'Ring', phone_number: '+15550001' },
        { type: 'copy', title: 'Code', copy_code: 'A1' },
      ],
    })

    expect(message.interactiveMessage).toMatchObject({
      header: { title: 'Lunch', hasMediaAttachment: false },
      body: { text: 'Choose' },
      footer: { text: 'Thanks' },
      nativeFlowMessage: { messageVersion: 1 },
    })
    expect(flow(message)).toEqual([
      { name: 'quick_reply', display_text: 'Yes', id: 'y' },
      { name: 'quick_reply', display_text: 'No', id: 'n' },
      { name: 'quick_reply', display_text: 'Perhaps', id: 'Perhaps' },
      {
        name: 'cta_url',
        display_text: 'Menu',
        url: 'https://example.com/menu',
        merchant_url: 'https://example.com/menu',
      },
      { name: 'cta_call', display_text: 'Ring', phone_number: '+15550001' },
      { name: 'cta_copy', display_text: 'Code', copy_code: 'A1' },
    ])
  })

  test('leaves out buttons without a label or of an unknown type, and cuts long labels', async () => {
    const message = await sends(path, {
      text: 'Choose',
      Buttons: [{ title: '  ' }, { title: 'x', type: 'flow' }, { title: 'a label of more than twenty' }],
    })

    expect(flow(message)).toEqual([
      { name: 'quick_reply', display_text: 'a label of more than', id: 'a label of more than' },
    ])
  })

  test('shows an image instead of the heading', async () => {
    const png = await sharp({ create: { width: 60, height: 30, channels: 3, background: 'red' } })
      .png()
      .toBuffer()

    const message = await sends(path, {
      Body: 'Choose',
      Title: 'unseen',
      Image: `data:image/png;base64,${png.toString('base64')}`,
      Buttons,
      Id: 'BUTTONS-IMAGE',
    })

    expect(message.interactiveMessage.header).toMatchObject({
      hasMediaAttachment: true,
      imageMessage: { mimetype: 'image/jpeg', width: 60, height: 30, jpegThumbnail: expect.any(String) },
    })
    expect(message.interactiveMessage.header.title).toBeUndefined()
  })

  test.each(['data:image/png;base64,AAAA', 'http://127.0.0.1:9/picture.png', 'nonsense'])(
    'shows the heading when the image %j is not to be had',
    async (Image) => {
      const message = await sends(path, { Body: 'Choose', Title: 'Lunch', Image, Buttons })

      expect(message.interactiveMessage.header).toEqual({ title: 'Lunch', hasMediaAttachment: false })
    },
  )

  test('can be a reply', async () => {
    const message = await sends(path, {
      Body: 'Choose',
      Buttons,
      ContextInfo: { StanzaId: 'AB', Participant: `${contact}@s.whatsapp.net` },
    })

    expect(message.interactiveMessage.contextInfo).toMatchObject({ stanzaId: 'AB' })
  })

  test.each([
    [{ Phone: 7 }, 'could not decode Payload'],
    [{ Phone: contact, Body: 'x', Buttons: [{ title: 7 }] }, 'could not decode Payload'],
    [{ Body: 'x', Buttons }, 'missing Phone, Body or Buttons'],
    [{ Phone: contact, Body: '  ', Buttons }, 'missing Phone, Body or Buttons'],
    [{ Phone: contact, Title: 'x', Buttons }, 'missing Phone, Body or Buttons'],
    [{ Phone: 'a.b.c@g.us', Body: 'x', Buttons: [] }, 'missing Phone, Body or Buttons'],
    [{ Phone: 'a.b.c@g.us', Body: 'x', Buttons: [{ title: '' }] }, 'no valid buttons parsed'],
    [{ Phone: 'a.b.c@g.us', Body: 'x', Buttons }, 'could not parse Phone'],
    [
      { Phone: contact, Body: 'x', Buttons, ContextInfo: { StanzaID: '' } },
      'missing Participant in ContextInfo',
    ],
  ])('refuses %j', async (body, sentence) => {
    expect(await call(path, body)).toEqual([400, failure(400, sentence)])
  })

  test("takes the payload of the reference document's era, whose text is the title", async () => {
    const body = { Title: 'Lunch?', Buttons: [{ ButtonId: 'id1', ButtonText: 'Yes' }] }

    const message = await sends(path, body, reference.token)

    expect(message.interactiveMessage).toMatchObject({ body: { text: 'Lunch?' } })
    expect(message.interactiveMessage.header).toBeUndefined()
    expect(flow(message)).toEqual([{ name: 'quick_reply', display_text: 'Yes', id: 'id1' }])
  })
})

describe('/chat/send/list', () => {
  const path = '/chat/send/list'
  const Sections = [{ title: 'Hot', rows: [{ title: 'Tea', desc: 'Green', RowId: 't' }] }]

  test('arrives with its sections', async () => {
    const message = await sends(path, {
      ButtonText: 'Open',
      Desc: 'What to drink?',
      TopText: 'Drinks',
      FooterText: 'Thanks',
      Sections: [
        ...Sections,
        { title: 'Cold', rows: [{ title: 'Water', rowID: 'w' }, { title: 'Ice' }, { desc: 'untitled' }] },
        { title: 'Nothing', rows: [] },
      ],
    })

    expect(message.listMessage).toEqual({
      title: 'Drinks',
      description: 'What to drink?',
      footerText: 'Thanks',
      buttonText: 'Open',
      listType: 'SINGLE_SELECT',
      sections: [
        { title: 'Hot', rows: [{ rowId: 't', title: 'Tea', description: 'Green' }] },
        {
          title: 'Cold',
          rows: [
            { rowId: 'w', title: 'Water', description: '' },
            { rowId: 'Ice', title: 'Ice', description: '' },
          ],
        },
      ],
    })
  })

  test.each([
    [{ Desc: ' ', Body: 'from Body', body: 'from body' }, 'from Body'],
    [{ body: 'from body', text: 'from text' }, 'from body'],
    [{ TEXT: 'from text' }, 'from text'],
  ])('takes its text from %j', async (body, text) => {
    const message = await sends(path, { ...body, List: [{ title: 'Tea' }] })

    expect(message.listMessage).toMatchObject({
      description: text,
      buttonText: 'Select',
      sections: [{ title: 'Menu', rows: [{ rowId: 'Tea', title: 'Tea' }] }],
    })
  })

  test.each([
    [{ Sections: {} }, 'could not decode Payload'],
    [{}, 'missing Phone in Payload'],
    [{ Phone: 'a.b.c@g.us', Description: 'x' }, 'missing Desc/Body in Payload'],
    [{ Phone: 'a.b.c@g.us', Desc: 'x' }, 'missing Sections (or List) in Payload'],
    [
      { Phone: 'a.b.c@g.us', Desc: 'x', Sections: [{ title: 'y' }] },
      'no valid sections/rows found in Payload',
    ],
    [{ Phone: 'a.b.c@g.us', Desc: 'x', Sections }, 'could not parse Phone'],
    [
      { Phone: contact, Desc: 'x', Sections, ContextInfo: { Participant: '' } },
      'missing StanzaID in ContextInfo',
    ],
  ])('refuses %j', async (body, sentence) => {
    expect(await call(path, body)).toEqual([400, failure(400, sentence)])
  })

  test("takes the payload of the reference document's era", async () => {
    const message = await sends(
      path,
      {
        Title: 'Drinks',
        Description: 'What to drink?',
        ButtonText: 'Open',
        Sections: [{ Title: 'Hot', Rows: [{ RowId: 't', Title: 'Tea', Description: 'Green' }] }],
      },
      reference.token,
    )

    expect(message.listMessage).toMatchObject({
      title: 'Drinks',
      description: 'What to drink?',
      sections: [{ title: 'Hot', rows: [{ rowId: 't', title: 'Tea', description: 'Green' }] }],
    })
  })
})
