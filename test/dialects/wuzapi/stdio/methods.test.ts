import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wuzapi } from '../../../../src/dialects/wuzapi/index.ts'
import { methodsOf, ParameterError, requestOf } from '../../../../src/dialects/wuzapi/stdio/methods.ts'

const endpoints = wuzapi.groups.flatMap((group) => group.endpoints)
const methods = methodsOf(endpoints)

/** What the original has, release 1.0.7 included. */
const ORIGINAL = `
  health GET /health
  admin.users.add POST /admin/users
  admin.users.list GET /admin/users
  admin.users.get GET /admin/users/{id}
  admin.users.edit PUT /admin/users/{id}
  admin.users.delete DELETE /admin/users/{id}
  admin.users.delete.full DELETE /admin/users/{id}/full
  session.connect POST /session/connect
  session.qr GET /session/qr
  session.status GET /session/status
  session.disconnect POST /session/disconnect
  session.logout POST /session/logout
  session.pairphone POST /session/pairphone
  session.passkey-response POST /session/passkey-response
  session.passkey-confirm POST /session/passkey-confirm
  session.passkey-status GET /session/passkey-status
  session.history GET /session/history
  session.history.set POST /session/history
  session.proxy POST /session/proxy
  session.hmac.config POST /session/hmac/config
  session.hmac.config.get GET /session/hmac/config
  session.hmac.config.delete DELETE /session/hmac/config
  chat.send.text POST /chat/send/text
  chat.send.image POST /chat/send/image
  chat.send.video POST /chat/send/video
  chat.send.document POST /chat/send/document
  chat.send.audio POST /chat/send/audio
  chat.send.sticker POST /chat/send/sticker
  chat.send.location POST /chat/send/location
  chat.send.contact POST /chat/send/contact
  chat.send.poll POST /chat/send/poll
  chat.send.buttons POST /chat/send/buttons
  chat.send.list POST /chat/send/list
  chat.send.edit POST /chat/send/edit
  chat.delete POST /chat/delete
  chat.react POST /chat/react
  chat.archive POST /chat/archive
  chat.presence POST /chat/presence
  chat.markread POST /chat/markread
  chat.request-unavailable-message POST /chat/request-unavailable-message
  chat.download.image POST /chat/downloadimage
  chat.download.video POST /chat/downloadvideo
  chat.download.audio POST /chat/downloadaudio
  chat.download.document POST /chat/downloaddocument
  chat.history GET /chat/history
  user.contacts GET /user/contacts
  user.presence POST /user/presence
  user.info POST /user/info
  user.check POST /user/check
  user.avatar POST /user/avatar
  user.block POST /user/block
  user.unblock POST /user/unblock
  user.lid GET /user/lid/{jid}
  status.set.text POST /status/set/text
  call.reject POST /call/reject
  group.list GET /group/list
  group.create POST /group/create
  group.info GET /group/info
  group.invitelink GET /group/invitelink
  group.photo POST /group/photo
  group.photo.remove POST /group/photo/remove
  group.leave POST /group/leave
  group.name POST /group/name
  group.topic POST /group/topic
  group.announce POST /group/announce
  group.locked POST /group/locked
  group.ephemeral POST /group/ephemeral
  group.join POST /group/join
  group.inviteinfo POST /group/inviteinfo
  group.updateparticipants POST /group/updateparticipants
  newsletter.list GET /newsletter/list
  webhook.get GET /webhook
  webhook.set POST /webhook
  webhook.update PUT /webhook
  webhook.delete DELETE /webhook
`
  .trim()
  .split('\n')
  .map((line) => line.trim().split(' '))

function endpointOf(method: string) {
  const endpoint = methods.get(method)
  if (!endpoint) throw new Error(`there is no ${method}`)
  return endpoint
}

const request = (method: string, params: Record<string, unknown>) =>
  requestOf(method, endpointOf(method), params)

describe('methods', () => {
  test.each(ORIGINAL)('%s is %s %s, as in the original', (method, verb, path) => {
    const { method: ours, path: at } = endpointOf(method ?? '')

    expect([ours.toUpperCase(), at]).toEqual([verb, path])
  })

  test('there is exactly one for every route', () => {
    expect(methods.size).toBe(endpoints.length)
    expect([...methods.values()].sort()).toEqual([...endpoints].sort())
    expect([...methods.keys()].filter((name) => !/^[a-z0-9]+([.-][a-z0-9]+)*$/.test(name))).toEqual([])
  })

  test('there is one in every profile alone, with the same name', () => {
    const current = endpoints.filter(({ profile }) => profile === undefined || profile === 'current')
    const names = [...methodsOf(current)].filter(([name, endpoint]) => methods.get(name) !== endpoint)

    expect(names).toEqual([])
  })

  test('a new route has its method by itself', () => {
    const [some] = endpoints
    if (!some) throw new Error('no endpoints')
    const added = [
      { ...some, method: 'post' as const, path: '/chat/send/hologram' },
      { ...some, method: 'get' as const, path: '/chat/shelf/{shelf}' },
      { ...some, method: 'put' as const, path: '/chat/shelf/{shelf}' },
    ]

    expect([...methodsOf(added).keys()]).toEqual([
      'chat.send.hologram',
      'chat.shelf.get',
      'chat.shelf.update',
    ])
  })
})

describe('a request', () => {
  test('has the tokens in its headers, and all else but that of the administrator in its body', () => {
    const params = { token: 'tökén', adminToken: 'secret', name: 'Shop' }

    const { headers, body = '' } = request('admin.users.add', params)

    expect(Buffer.from(headers.token ?? '', 'latin1').toString('utf8')).toBe('tökén')
    expect(headers.authorization).toBe('secret')
    expect(JSON.parse(body)).toEqual({ token: 'tökén', name: 'Shop' })
  })

  test('has what its route reads from the query there, whatever its letter case', () => {
    expect(request('chat.history', { chat_jid: 'a&b=c@s.whatsapp.net', limit: 5 }).path).toBe(
      '/chat/history?chat_jid=a%26b%3Dc%40s.whatsapp.net&limit=5',
    )
    expect(request('group.info', { GroupJID: '1@g.us' }).path).toBe('/group/info?groupJID=1%40g.us')
    expect(request('user.contacts', { token: 'secret' })).toMatchObject({ path: '/user/contacts' })
  })

  test('without parameters has no body', () => {
    expect(request('session.connect', {}).body).toBeUndefined()
    expect(request('session.status', { token: 'secret' }).body).toBeUndefined()
  })

  test.each([
    ['admin.users.get', {}, 'userId'],
    ['admin.users.edit', { userId: 7 }, 'userId'],
    ['admin.users.delete.full', { userId: '' }, 'userId'],
    ['user.lid', { jid: null }, 'jid'],
    ['chat.history', { token: 'secret' }, 'chat_jid'],
    ['chat.history', { chat_jid: ['a'] }, 'chat_jid'],
    ['chat.history', { chat_jid: 'a', limit: {} }, 'limit'],
    ['session.status', { token: 'two\r\nlines: 1' }, 'token'],
    ['admin.users.list', { adminToken: 'nul\0' }, 'adminToken'],
  ])('%s with %j lacks %s', (method, params, name) => {
    expect(() => request(method, params)).toThrow(new ParameterError(`missing or invalid ${name} parameter`))
  })

  test('that is nested without end is refused', () => {
    const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)

    expect(() => request('chat.send.text', { Body: deep })).toThrow(ParameterError)
  })

  test('half a character in a path is refused', () => {
    expect(() => request('admin.users.edit', { adminToken: 'a', userId: '\ud800' })).toThrow(ParameterError)
  })

  test('whatever an id is, it stays one part of the path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (userId) => {
        const { path } = request('admin.users.delete', { userId })

        const [, part = ''] = /^\/admin\/users\/([^/?#]+)$/.exec(path) ?? []
        expect(decodeURIComponent(part)).toBe(userId)
      }),
    )
  })
})
