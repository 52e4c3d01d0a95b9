import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { picture } from '../../helpers/media.ts'
import { type Device, LinkedDevices, strangersOf, turnedAway } from './linked-devices.ts'

const UNKNOWN = '120363499999999999@newsletter'
const NO_CHANNEL = 'newsletter JID must use the newsletter server'
const NOT_FOUND = [404, 'newsletter not found']
const NOT_ALLOWED = [403, 'this account may not do that in this newsletter']

let devices: LinkedDevices
let reader: Device
let jid: string
let mediaOrigin: string
beforeAll(async () => {
  devices = await LinkedDevices.start()
  reader = await devices.linked()
  const [, , created] = await call('POST', '/newsletters', { name: 'News', description: 'What happens' })
  jid = created.jid
  await call('POST', `/newsletters/${jid}/follow`, undefined, reader)

  const photo_base64 = (await picture('jpeg')).toString('base64')
  await call('POST', '/users/me/profile-photo', { photo_base64 })
  const [, , shown] = await call('GET', `/users/${devices.device.phone}/profile-picture`)
  mediaOrigin = new URL(shown.URL).origin
})
afterAll(() => devices.close())

function call(method: string, path: string, body?: unknown, device: Device = devices.device) {
  return devices.call(method, path, { body, jwt: device.jwt })
}

function upload(
  path: string,
  bytes: Uint8Array,
  texts: Record<string, string> = {},
  device = devices.device,
) {
  const files = [{ name: 'file', bytes, fileName: 'paper.pdf', type: 'application/octet-stream' }]
  return devices.call('POST', path, { form: { files, texts }, jwt: device.jwt })
}

/** Posts a text and gives the channel's own number of it. */
async function posted(text: string): Promise<number> {
  await call('POST', `/newsletters/${jid}/messages`, { text })
  const [, , posts] = await call('GET', `/newsletters/${jid}/messages`)
  return posts.at(-1).server_id
}

async function newest() {
  const [, , updates] = await call('GET', `/newsletters/${jid}/updates`, undefined, reader)
  return updates.at(-1)
}

async function counts(serverId: number) {
  const [, , posts] = await call('GET', `/newsletters/${jid}/messages`)
  return posts.find((post: { server_id: number }) => post.server_id === serverId)
}

describe('access', () => {
  test.each([
    ['GET', '/newsletters', undefined],
    ['POST', '/newsletters', { name: 'News' }],
    ['GET', '/newsletters/120363400000000001@newsletter', undefined],
    ['POST', '/newsletters/120363400000000001@newsletter/follow', undefined],
    ['DELETE', '/newsletters/120363400000000001@newsletter/follow', undefined],
    ['GET', '/newsletters/120363400000000001@newsletter/messages', undefined],
    ['POST', '/newsletters/120363400000000001@newsletter/messages', { text: 'x' }],
    ['POST', '/newsletters/120363400000000001@newsletter/reaction', { message_server_id: 1 }],
    ['POST', '/newsletters/120363400000000001@newsletter/mute', { mute: true }],
    ['POST', '/newsletters/120363400000000001@newsletter/viewed', { message_server_ids: [1] }],
    ['GET', '/newsletters/invite/ABC', undefined],
    ['POST', '/newsletters/120363400000000001@newsletter/live', undefined],
    ['GET', '/newsletters/120363400000000001@newsletter/updates', undefined],
    ['POST', '/newsletters/tos/accept', { notice_id: '1', stage: '5' }],
    ['POST', '/newsletters/120363400000000001@newsletter/comments', { message_server_id: 1, comment: 'x' }],
  ])('%s %s wants the token of a linked device', async (method, path, body) => {
    const answers = await strangersOf(devices, (jwt) => devices.call(method, path, { body, jwt }))

    expect(answers).toEqual(turnedAway)
  })

  test.each(['images', 'videos', 'documents', 'photo'])('/newsletters/{jid}/%s, too', async (route) => {
    const files = [{ name: 'file', bytes: await picture('jpeg') }]
    const path = `/newsletters/${jid}/${route}`

    const answers = await strangersOf(devices, (jwt) => devices.call('POST', path, { form: { files }, jwt }))

    expect(answers).toEqual(turnedAway)
  })

  test.each(['news', '15550003003', '120363000000000001@g.us'])('takes %s for no channel', async (given) => {
    expect(await call('GET', `/newsletters/${given}`)).toEqual([400, NO_CHANNEL])
    expect(await call('POST', `/newsletters/${given}/messages`, { text: 'x' })).toEqual([400, NO_CHANNEL])
    expect(await call('POST', `/newsletters/${given}/viewed`, { message_server_ids: [1] })).toEqual([
      400,
      NO_CHANNEL,
    ])
  })

  test('a reader posts and changes nothing', async () => {
    const image = await picture('jpeg')
    const before = await call('GET', `/newsletters/${jid}`)

    expect(await call('POST', `/newsletters/${jid}/messages`, { text: 'x' }, reader)).toEqual([
      403,
      'server returned error 403',
    ])
    expect(await upload(`/newsletters/${jid}/images`, image, {}, reader)).toEqual([
      403,
      'server returned error 403',
    ])
    expect(await upload(`/newsletters/${jid}/photo`, image, {}, reader)).toEqual(NOT_ALLOWED)
    expect(await call('GET', `/newsletters/${jid}`)).toEqual(before)
  })
})

describe('channels', () => {
  const image = (type: string) => ({ url: '', id: '', type, direct_path: '', hash: null })

  function shown(facts: object) {
    return {
      jid: expect.stringMatching(/@newsletter$/),
      name: 'News',
      description: 'What happens',
      subscriber_count: expect.any(Number),
      verification: 'unverified',
      picture: image('IMAGE'),
      preview: image('PREVIEW'),
      state: { type: 'active' },
      ...facts,
    }
  }

  test('are created, shown and listed', async () => {
    const device = await devices.linked()
    expect(await call('GET', '/newsletters', undefined, device)).toEqual([
      200,
      'Success get subscribed newsletters',
      [],
    ])

    const [status, message, created] = await call('POST', '/newsletters', { name: 'Second' }, device)

    expect([status, message, created]).toEqual([
      200,
      'Success create newsletter',
      { jid: expect.stringMatching(/^120363\d+@newsletter$/), name: 'Second', description: '' },
    ])
    const channel = shown({ jid: created.jid, name: 'Second', description: '', subscriber_count: 1 })
    expect(await call('GET', '/newsletters', undefined, device)).toEqual([
      200,
      'Success get subscribed newsletters',
      [channel],
    ])
    for (const named of [created.jid, encodeURIComponent(created.jid), created.jid.replace(/@.*/, '')])
      expect(await call('GET', `/newsletters/${named}`)).toEqual([
        200,
        'Success get newsletter info',
        channel,
      ])
  })

  test.each([
    [{ name: '' }, 'name is required'],
    [{}, 'name is required'],
    [{ name: 12345 }, 'Failed parse body request'],
    [{ name: 'News', description: 12345 }, 'Failed parse body request'],
  ])('are not created for %j', async (body, message) => {
    expect(await call('POST', '/newsletters', body)).toEqual([400, message])
  })

  test('are followed and left', async () => {
    const device = await devices.linked()
    const followed = async () => (await call('GET', '/newsletters', undefined, device))[2]

    expect(await call('POST', `/newsletters/${jid}/follow`, undefined, device)).toEqual([
      200,
      'Success follow newsletter',
    ])
    expect(await followed()).toEqual([shown({ jid })])

    expect(await call('DELETE', `/newsletters/${jid}/follow`, undefined, device)).toEqual([
      200,
      'Success unfollow newsletter',
    ])
    expect(await followed()).toEqual([])
    expect(await call('DELETE', `/newsletters/${jid}/follow`)).toEqual(NOT_ALLOWED)
  })

  test('are muted by who follows them', async () => {
    const stranger = await devices.linked()

    for (const body of [{ mute: true }, { mute: false }, {}])
      expect(await call('POST', `/newsletters/${jid}/mute`, body, reader)).toEqual([
        200,
        'Success toggle newsletter mute',
      ])
    expect(await call('POST', `/newsletters/${jid}/mute`, { mute: 'yes' })).toEqual([
      400,
      'Failed parse body request',
    ])
    expect(await call('POST', `/newsletters/${jid}/mute`, { mute: true }, stranger)).toEqual(NOT_ALLOWED)
  })

  test.each([
    ['GET', '', undefined],
    ['POST', '/follow', undefined],
    ['DELETE', '/follow', undefined],
    ['POST', '/mute', { mute: true }],
    ['POST', '/viewed', { message_server_ids: [100] }],
  ])('%s …%s does not find one that is none', async (method, route, body) => {
    expect(await call(method, `/newsletters/${UNKNOWN}${route}`, body)).toEqual(NOT_FOUND)
  })

  test.each([
    ['GET', '/messages', undefined, 'info query returned status 404: item-not-found'],
    ['GET', '/updates', undefined, 'info query returned status 404: item-not-found'],
    ['POST', '/live', undefined, 'info query returned status 404: item-not-found'],
    ['POST', '/messages', { text: 'x' }, 'server returned error 404'],
    ['POST', '/reaction', { message_server_id: 100, emoji: '👍' }, 'server returned error 404'],
  ])('%s …%s neither', async (method, route, body, message) => {
    expect(await call(method, `/newsletters/${UNKNOWN}${route}`, body)).toEqual([404, message])
  })

  test('get a picture that stays', async () => {
    const [, , created] = await call('POST', '/newsletters', { name: 'With a picture' })

    expect(await upload(`/newsletters/${created.jid}/photo`, await picture('png'))).toEqual([
      200,
      'Success update newsletter photo',
    ])
    const [, , changed] = await call('GET', `/newsletters/${created.jid}`)
    expect(changed.picture.id).toMatch(/^\d+$/)
    const [status, message] = await upload(`/newsletters/${created.jid}/photo`, Buffer.from('text'))
    expect([status, message]).toEqual([400, expect.stringMatching(/is not a picture/)])
    expect(await call('POST', `/newsletters/${created.jid}/photo`)).toEqual([400, 'file is required'])
  })

  test('are found by the code of an invitation', async () => {
    const { parley } = devices.app
    const { newsletterInfo } = await import('../../../src/operations/channels/newsletters.ts')
    const session = parley.services.sessions.live(devices.device.id.replaceAll('-', ''))
    const { thread_metadata: thread } = await newsletterInfo(session, { type: 'JID', key: jid })
    const code = Reflect.get(Object(thread), 'invite')

    for (const named of [code, encodeURIComponent(`https://whatsapp.com/channel/${code}`)])
      expect(await call('GET', `/newsletters/invite/${named}`, undefined, reader)).toEqual([
        200,
        'Success get newsletter info from invite',
        shown({ jid }),
      ])
    expect(await call('GET', '/newsletters/invite/0029NOSUCH')).toEqual(NOT_FOUND)
  })

  test('terms are accepted', async () => {
    const path = '/newsletters/tos/accept'

    expect(await call('POST', path, { notice_id: '20601218', stage: '5' })).toEqual([
      200,
      'Success accept TOS notice',
    ])
    expect(await call('POST', path, { stage: '5' })).toEqual([400, 'notice_id is required'])
    expect(await call('POST', path, { notice_id: '1' })).toEqual([400, 'stage is required'])
    expect(await call('POST', path, { notice_id: 1, stage: 5 })).toEqual([400, 'Failed parse body request'])
  })
})

describe('posts', () => {
  const sent = { message_id: expect.stringMatching(/^[0-9A-F]+$/) }

  test.each(['Hello channel', '  '])('are texts such as %j', async (text) => {
    expect(await call('POST', `/newsletters/${jid}/messages`, { text })).toEqual([
      200,
      'Success send newsletter message',
      sent,
    ])
    expect(await newest()).toMatchObject({
      MessageServerID: expect.any(Number),
      Type: 'text',
      Message: { extendedTextMessage: { text } },
    })
  })

  test.each([
    [{}, 'text is required'],
    [{ text: '' }, 'text is required'],
    [{ text: 12345 }, 'Failed parse body request'],
  ])('are not %j', async (body, message) => {
    expect(await call('POST', `/newsletters/${jid}/messages`, body)).toEqual([400, message])
  })

  test.each([
    ['images', 'image', 'imageMessage', 'image/png', 'png'],
    ['documents', 'document', 'documentMessage', 'application/pdf', ''],
  ] as const)(
    'are %s that lie on the media servers as they were sent',
    async (route, what, member, type, format) => {
      const bytes = format ? await picture(format) : Buffer.from('%PDF-1.4\n%%EOF\n')

      expect(await upload(`/newsletters/${jid}/${route}`, bytes, { caption: 'Post' })).toEqual([
        200,
        `Success send newsletter ${what}`,
        sent,
      ])

      const { Type, Message } = await newest()
      const file = Message[member]
      expect([Type, file]).toMatchObject([
        'media',
        {
          mimetype: type,
          caption: 'Post',
          fileLength: bytes.length,
          fileSHA256: createHash('sha256').update(bytes).digest('base64'),
        },
      ])
      expect(file).not.toHaveProperty('mediaKey')
      expect(file).not.toHaveProperty('fileEncSHA256')
      const stored = await fetch(`${mediaOrigin}${file.directPath}`)
      expect(Buffer.from(await stored.arrayBuffer()).equals(bytes)).toBe(true)
    },
  )

  test('are videos', async () => {
    const bytes = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypmp42\0\0\0\0mp42isom')])

    expect(await upload(`/newsletters/${jid}/videos`, bytes, { caption: 'Post' })).toEqual([
      200,
      'Success send newsletter video',
      sent,
    ])
    expect(await newest()).toMatchObject({
      Type: 'media',
      Message: { videoMessage: { mimetype: 'video/mp4', caption: 'Post' } },
    })
  })

  test('a document has the name that is given, or that of the file', async () => {
    const path = `/newsletters/${jid}/documents`

    await upload(path, Buffer.from('%PDF-1.4\n'), { filename: 'given.pdf' })
    expect((await newest()).Message.documentMessage).toMatchObject({ fileName: 'given.pdf' })
    await upload(path, Buffer.from('%PDF-1.4\n'))
    expect((await newest()).Message.documentMessage).toMatchObject({ fileName: 'paper.pdf' })
  })

  test('need a file', async () => {
    for (const route of ['images', 'videos', 'documents']) {
      const path = `/newsletters/${jid}/${route}`
      expect(await call('POST', path)).toEqual([400, 'file is required'])
      expect(await call('POST', path, { file: 'https://example.com/a.jpg' })).toEqual([
        400,
        'file is required',
      ])
      expect(await upload(path, new Uint8Array())).toEqual([400, 'file is required'])
    }
    const [status, message] = await upload(`/newsletters/${jid}/images`, Buffer.from('text'))
    expect([status, message]).toEqual([400, expect.stringMatching(/^the file is not an image/)])
  })

  test('are listed with their counts', async () => {
    const first = await posted('First')
    const second = await posted('Second')
    const list = (query: string) => call('GET', `/newsletters/${jid}/messages?${query}`, undefined, reader)

    expect(await list(`count=1&before=${second}`)).toEqual([
      200,
      'Success get newsletter messages',
      [{ server_id: first, views: 0, reactions: {} }],
    ])
    expect((await list('count=x'))[2].length).toBeGreaterThan(1)
  })

  test('are reacted to', async () => {
    const id = await posted('React to me')
    const react = (body: object) => call('POST', `/newsletters/${jid}/reaction`, body, reader)
    const done = [200, 'Success react to newsletter message']

    expect(await react({ message_server_id: id, emoji: '👍' })).toEqual(done)
    expect(await counts(id)).toMatchObject({ reactions: { '👍': 1 } })
    expect(await react({ message_server_id: id })).toEqual(done)
    expect(await counts(id)).toMatchObject({ reactions: {} })
    expect(await react({ message_server_id: 99999, emoji: '👍' })).toEqual([404, 'server returned error 404'])
    expect(await react({ message_server_id: 0 })).toEqual([400, 'message_server_id is required'])
    expect(await react({ emoji: '👍' })).toEqual([400, 'message_server_id is required'])
    expect(await react({ message_server_id: '100' })).toEqual([400, 'Failed parse body request'])
  })

  test('are viewed', async () => {
    const id = await posted('Look at me')
    const view = (body: object) => call('POST', `/newsletters/${jid}/viewed`, body, reader)

    expect(await view({ message_server_ids: [id] })).toEqual([
      200,
      'Success mark newsletter messages as viewed',
    ])
    expect(await counts(id)).toMatchObject({ views: 1 })
    expect(await view({ message_server_ids: [] })).toEqual([400, 'message_server_ids is required'])
    expect(await view({})).toEqual([400, 'message_server_ids is required'])
    expect(await view({ message_server_ids: 'one' })).toEqual([400, 'Failed parse body request'])
  })

  test('tell whoever asks of new counts', async () => {
    const id = await posted('Watch me')
    const told: unknown[] = []
    const stop = devices.app.parley.services.events.listen((_user, events) => void told.push(...events))

    expect(await call('POST', `/newsletters/${jid}/live`)).toEqual([
      200,
      'Success subscribe to newsletter live updates',
    ])
    await call('POST', `/newsletters/${jid}/reaction`, { message_server_id: id, emoji: '🎉' }, reader)

    await devices.app.waitFor('new counts', () => JSON.stringify(told).includes('🎉'))
    stop()
  })

  test('that changed since an instant are listed', async () => {
    const id = await posted('Changed')
    const later = Math.floor(Date.now() / 1000) + 3600
    const updates = (query: string) => call('GET', `/newsletters/${jid}/updates?${query}`)

    const [status, message, [last]] = await updates('count=1&since=0')
    expect([status, message, last]).toEqual([
      200,
      'Success get newsletter message updates',
      {
        MessageServerID: id,
        MessageID: expect.any(String),
        Type: 'text',
        Timestamp: expect.stringMatching(/Z$/),
        ViewsCount: 0,
        ReactionCounts: {},
        Message: expect.any(Object),
      },
    ])
    expect((await updates(`since=${later}`))[2]).toEqual([])
  })

  test('have no comments', async () => {
    const comment = (body: object) => call('POST', `/newsletters/${jid}/comments`, body)

    const [status, message] = await comment({ message_server_id: 100, comment: 'Nice' })
    expect([status, message]).toEqual([501, expect.stringMatching(/^WhatsApp has no comments/)])
    expect(await comment({ message_server_id: 100 })).toEqual([400, 'comment is required'])
    expect(await comment({ comment: 'x' })).toEqual([400, 'message_server_id is required'])
    expect(await comment({ message_server_id: 100, comment: ' ' })).toEqual([400, 'comment cannot be empty'])
  })
})
