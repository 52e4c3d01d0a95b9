import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { failure } from './contract/target.ts'

// Only the reference document has this route, so only a server with its profile does.
let app: TestApp
let user: LinkedUser
const contact = '447900000801'
beforeAll(async () => {
  app = await TestApp.start({ env: { WUZAPI_PROFILE: 'reference' } })
  user = await app.linkedUser()
  await app.contact(contact)
})
afterAll(() => app.close())

async function call(body: unknown): Promise<unknown[]> {
  const { status, json } = await app.post('/chat/send/template', user.token, body)
  return [status, json]
}

describe('/chat/send/template', () => {
  const template = {
    Content: 'Template content',
    Footer: 'Some footer text',
    Buttons: [
      { DisplayText: 'Yes', Type: 'quickreply' },
      { DisplayText: 'No', Type: 'quickreply', Id: 'no' },
      { DisplayText: 'Visit Site', Type: 'url', Url: 'https://www.fop2.com' },
      { DisplayText: 'Llamame', Type: 'call', PhoneNumber: '1155554444' },
    ],
  }

  test('arrives as the document says, with the buttons phones show today', async () => {
    const { json } = await app.post('/chat/send/template', user.token, { Phone: contact, ...template })

    expect(json.data).toEqual({
      Details: 'Sent',
      Id: expect.stringMatching(/^3EB0[0-9A-F]{18}$/),
      Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    })
    const { message } = await app.waitFor('the template', async () =>
      (await app.received(contact)).find(({ id }) => id === json.data.Id),
    )
    expect(message.interactiveMessage).toMatchObject({
      body: { text: 'Template content' },
      footer: { text: 'Some footer text' },
      nativeFlowMessage: {
        buttons: [
          { name: 'quick_reply', buttonParamsJson: '{"display_text":"Yes","id":"1"}' },
          { name: 'quick_reply', buttonParamsJson: '{"display_text":"No","id":"no"}' },
          { name: 'cta_url', buttonParamsJson: expect.stringContaining('"url":"https://www.fop2.com"') },
          { name: 'cta_call', buttonParamsJson: '{"display_text":"Llamame","phone_number":"1155554444"}' },
        ],
      },
    })
  })

  test('can be a reply', async () => {
    const ContextInfo = { StanzaId: 'AB', Participant: `${contact}@s.whatsapp.net` }

    const { json } = await app.post('/chat/send/template', user.token, {
      Phone: contact,
      ...template,
      ContextInfo,
    })

    const { message } = await app.waitFor('the reply', async () =>
      (await app.received(contact)).find(({ id }) => id === json.data.Id),
    )
    expect(message.interactiveMessage.contextInfo).toMatchObject({ stanzaId: 'AB' })
  })

  test('needs a token', async () => {
    expect((await app.request('POST', '/chat/send/template', { body: template })).status).toBe(401)
  })

  test.each([
    [{ Content: 7 }, 'Could not decode Payload'],
    [{}, 'Missing Phone in Payload'],
    [{ Phone: 'x' }, 'Missing Content in Payload'],
    [{ Phone: 'x', Content: 'y' }, 'Missing Footer in Payload'],
    [{ Phone: 'x', Content: 'y', Footer: 'z' }, 'Missing Buttons in Payload'],
    [{ Phone: 'x', Content: 'y', Footer: 'z', Buttons: [] }, 'Missing Buttons in Payload'],
    [{ ...template, Phone: 'x' }, 'Could not parse Phone'],
  ])('refuses %j', async (body, sentence) => {
    expect(await call(body)).toEqual([400, failure(400, sentence)])
  })
})
