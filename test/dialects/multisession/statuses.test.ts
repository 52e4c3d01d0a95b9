import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepContacts } from '../../../src/store/contacts.ts'
import { picture } from '../../helpers/media.ts'
import { failure, Multisession, sentAs, success } from './messaging.ts'

let server: Multisession
beforeAll(async () => {
  server = await Multisession.start()
  // Only people of the address book get a status.
  const { services } = server.app.parley
  const carol = { jid: server.contactJid, fullName: 'Carol', firstName: '', pushName: '', businessName: '' }
  await keepContacts(services.db, server.device.user.id, [carol])
})
afterAll(() => server.close())

const NOT_VALID = failure(500, 'WhatsApp Client is not Valid')
const posted = sentAs('Success post status', expect.stringMatching(/^3EB0/))
const image = async () => ({ bytes: await picture('png', [64, 64]), name: 'p.png', type: 'image/png' })
const textFile = { bytes: Buffer.from('text'), name: 'x.jpg', type: 'image/jpeg' }

describe('POST /status', () => {
  test('posts a text on a ground of its own', async () => {
    const answer = await server.call('POST /status', { text: 'Hello', background_color: '#FF0000', font: 1 })

    expect(answer).toEqual(posted)
    const { chat, message } = await server.arrived(answer[1].data.message_id)
    expect(chat).toBe('status@broadcast')
    expect(message.extendedTextMessage).toMatchObject({ text: 'Hello', backgroundArgb: 0xffff0000 })
  })

  test.each([
    [{ text: 'x', background_color: 'FF0000' }],
    [{ text: 'x', background_color: 'red' }],
    [{ text: 'x', font: 99 }],
  ])('takes %j', async (body) => {
    expect(await server.call('POST /status', body)).toEqual(posted)
  })

  test('posts an image with its true type, and a video', async () => {
    const answer = await server.upload('POST /status', { file: await image(), caption: 'Look' })
    const mp4 = Buffer.from('00000018667479706d703432000000006d70343269736f6d', 'hex')
    const video = { bytes: mp4, name: 'c.mp4', type: 'video/mp4' }

    expect(answer).toEqual(posted)
    const { message } = await server.arrived(answer[1].data.message_id)
    expect(message.imageMessage).toMatchObject({ mimetype: 'image/png', caption: 'Look' })
    expect(await server.upload('POST /status', { file: video, type: 'video' })).toEqual(posted)
  })

  test('refuses what is nothing to post', async () => {
    expect(await server.call('POST /status', { text: '' })).toEqual(failure(400, 'text is required'))
    expect(await server.call('POST /status', { text: 5 })).toEqual(failure(400, 'Failed parse body request'))
    expect(await server.call('POST /status')).toEqual(failure(400, 'Failed parse body request'))
    expect(await server.call('POST /status', { text: 'x' }, { jwt: await server.unlinked() })).toEqual(
      NOT_VALID,
    )
    expect(await server.upload('POST /status', { caption: 'x' })).toEqual(
      failure(400, 'file is required for media status'),
    )
    expect(await server.upload('POST /status', { file: textFile })).toEqual(
      failure(400, 'Error While Decoding Thumbnail Image Stream'),
    )
  })
})

describe('GET /status', () => {
  test('lists the posts of the last day, newest first', async () => {
    const [, mine] = await server.call('POST /status', { text: 'My day' })

    const [status, answer] = await server.call('GET /status')

    expect([status, answer.message]).toEqual([200, 'Success get status updates'])
    expect(answer.data[0]).toEqual({
      status_id: mine.data.message_id,
      from: server.ownJid,
      type: 'text',
      text: 'My day',
      timestamp: expect.any(Number),
      is_from_me: true,
    })
  })

  test("shows no other device's posts, and nothing to a device that is not linked", async () => {
    const { jwt } = await server.another()

    expect(await server.call('GET /status', undefined, { jwt })).toEqual(
      success('Success get status updates', []),
    )
    expect(await server.call('GET /status', undefined, { jwt: await server.unlinked() })).toEqual(NOT_VALID)
  })
})

test('DELETE /status/{status_id} takes a post back', async () => {
  const [, { data }] = await server.call('POST /status', { text: 'Gone soon' })

  expect(await server.call(`DELETE /status/${data.message_id}`)).toEqual(success('Success delete status'))

  const { protocolMessage } = await server.change(
    ({ protocolMessage }) => protocolMessage?.key?.id === data.message_id,
  )
  expect(protocolMessage).toMatchObject({ type: 'REVOKE', key: { fromMe: true } })
  const [, list] = await server.call('GET /status')
  expect(list.data.map((one: { status_id: string }) => one.status_id)).not.toContain(data.message_id)
})

describe('GET /status/{user_jid}', () => {
  const person = {
    jid: '15550003003@s.whatsapp.net',
    picture_id: '',
    status: 'Hey there! I am using WhatsApp.',
    verified_name: null,
  }

  test.each(['15550003003@s.whatsapp.net', '15550003003:5@s.whatsapp.net', '15550003003', '%2B15550003003'])(
    'shows what %s says about itself',
    async (jid) => {
      expect(await server.call(`GET /status/${jid}`)).toEqual(success('Success get user status', [person]))
    },
  )

  test.each([
    ['carol', 400, "unknown user server 'carol'"],
    ['a@b@c', 400, "unknown user server 'b'"],
    ['0123456', 400, "unknown user server '0123456'"],
    ['120363000000000001@g.us', 400, "unknown user server 'g.us'"],
    ['15559999999', 500, 'WhatsApp Personal ID is Not Registered'],
  ])('refuses %s', async (jid, status, sentence) => {
    expect(await server.call(`GET /status/${jid}`)).toEqual(failure(status, sentence))
  })
})
