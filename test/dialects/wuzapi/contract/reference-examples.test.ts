import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../../helpers/app.ts'
import { databaseKinds } from '../../../helpers/database.ts'
import { printedShape } from '../../../helpers/printed-shape.ts'
import { examples, examplesBeforeLinking } from './reference-examples.ts'

/** Replies are looked into freely. */
type Json = ReturnType<typeof JSON.parse>

const FRIEND = '5491155554444'
const FILES = ['image', 'video', 'audio', 'document']

describe.each(databaseKinds)('the examples of the reference document, on %s', (database) => {
  let app: TestApp
  let user: LinkedUser
  let fresh: { token: string }
  const world: Record<string, unknown> = { webhook: 'http://127.0.0.1:9/webhook' }
  const files: Record<string, unknown> = {}
  beforeAll(async () => {
    app = await TestApp.start({ database, env: { TZ: 'America/Sao_Paulo' } })
    const red = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    world.image = `data:image/jpeg;base64,${(await red.jpeg().toBuffer()).toString('base64')}`
    fresh = await app.createUser({ events: 'Message' })
    user = await app.linkedUser()
    for (const phone of [FRIEND, '5491155554445']) await app.contact(phone)
    world.group = world.pictured = await groupWithPhoto()
    for (const kind of FILES) files[kind] = await sentFile(kind)
  })
  afterAll(() => app.close())

  async function groupWithPhoto(): Promise<string> {
    const { json } = await app.post('/group/create', user.token, {
      Name: 'Super Group',
      Participants: [FRIEND],
    })
    const GroupJID = json.data.JID
    await app.post('/group/photo', user.token, { GroupJID, Image: world.image })
    return GroupJID
  }

  /** What the receiver of a file knows of it, which is what the download endpoints ask for. */
  async function sentFile(kind: string): Promise<object> {
    const name = kind.charAt(0).toUpperCase() + kind.slice(1)
    const [bytes, mimeType] = kind === 'audio' ? ['T2dnUw==', 'audio/ogg'] : ['AAAA', 'a/b']
    const File = kind === 'image' ? world.image : `data:${mimeType};base64,${bytes}`
    const { json } = await app.post(`/chat/send/${kind}`, user.token, {
      Phone: FRIEND,
      [name]: File,
      FileName: 'a.bin',
    })
    const { message } = await app.waitFor(kind, async () =>
      (await app.received(FRIEND)).find(({ id }) => id === json.data.Id),
    )
    const { url, mimetype, fileSha256, fileLength, mediaKey, fileEncSha256 } = message[`${kind}Message`]
    return {
      Url: url,
      Mimetype: mimetype,
      FileSHA256: fileSha256,
      FileLength: Number(fileLength),
      MediaKey: mediaKey,
      FileEncSHA256: fileEncSha256,
    }
  }

  function filled(body: unknown, path: string): unknown {
    if (body === '$file') return files[path.replace('/chat/download', '')]
    return JSON.parse(JSON.stringify(body), (_key, value) =>
      typeof value === 'string' && value.startsWith('$') ? world[value.slice(1)] : value,
    )
  }

  /** Unlike `fetch`, sends a body with a GET where the document does. */
  function send(token: string, route: string, body: unknown): Promise<{ status?: number; json: Json }> {
    const [method = '', path = ''] = route.split(' ')
    const written = body === undefined ? '' : JSON.stringify(filled(body, path))
    return new Promise((resolve, reject) => {
      const headers = {
        Token: token,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(written),
      }
      const sent = request(`${app.url}${path}`, { method, headers }, (response) => {
        const { statusCode: status } = response
        text(response).then((answer) => resolve({ status, json: JSON.parse(answer) }), reject)
      })
      sent.on('error', reject)
      sent.end(written)
    })
  }

  test.each(examplesBeforeLinking)('$request $body', async ({ request: route, body, reply }) => {
    const { status, json } = await send(fresh.token, route, body)

    expect([status, json]).toEqual([200, printedShape(reply, json, '-03:00')])
  })

  test.each(examples)('$request $body of a linked session', async ({ request: route, body, reply }) => {
    const { status, json } = await send(user.token, route, body)

    expect([status, json]).toEqual([200, printedShape(reply, json, '-03:00')])
  })

  test('logging out, the last of them', async () => {
    await app.post('/session/connect', user.token, { Immediate: false })
    await app.waitFor('the session', () => app.parley.services.sessions.find(user.id)?.status.loggedIn)

    const { json } = await send(user.token, 'POST /session/logout', undefined)

    expect(json).toEqual({ code: 200, data: { Details: 'Logged out' }, success: true })
  })
})
