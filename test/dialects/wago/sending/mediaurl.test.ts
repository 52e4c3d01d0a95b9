import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MediaKind, sampleFile } from '../../../../src/sandbox/world/samples.ts'
import { failure, refused, Wago } from '../wago.ts'
import { count, downloaded } from './shows.ts'

let files: Server
let address: string
/** What was asked of the server of files. */
let asked: string[]
beforeAll(async () => {
  asked = []
  files = createServer(async (request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const kind = /^\/(image|video|audio|document)\b/.exec(path)?.[1]
    if (path === '/moved') return response.writeHead(302, { location: '/image' }).end()
    if (path === '/large') return response.end(Buffer.alloc(17 * 1024 * 1024))
    if (!kind) return response.writeHead(404).end()
    // The paths begin with the names of the samples.
    const { bytes, mimetype } = await sampleFile(kind as MediaKind)
    return response.writeHead(200, { 'content-type': mimetype }).end(bytes)
  })
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
  // The address of a server that listens on a port is an object.
  address = `http://127.0.0.1:${(files.address() as AddressInfo).port}`
})
afterAll(() => files.close())

describe('/send/mediaurl', () => {
  let wago: Wago
  beforeAll(async () => {
    wago = await Wago.start({ env: { MEDIA_ALLOWED_NETWORKS: 'any' } })
  })
  afterAll(() => wago.close())

  const arrives = (body: object) => wago.arrives('/send/mediaurl', { Jid: wago.contact, ...body })

  test.each<[MediaKind, string, object]>([
    ['image', 'imageMessage', { caption: 'look', mimetype: 'image/jpeg', width: 64 }],
    ['video', 'videoMessage', { caption: 'look', mimetype: 'video/mp4', seconds: 10 }],
    ['audio', 'audioMessage', { mimetype: 'audio/ogg; codecs=opus', seconds: 10 }],
  ])('sends a file from an address: %s', async (Type, member, expected) => {
    const Url = `${address}/${Type}`

    const { id, message } = await arrives({ Url, Type, Caption: 'look', Duration: 10, Filename: '' })

    expect(message[member]).toMatchObject(expected)
    expect(await downloaded(wago, id)).toEqual((await sampleFile(Type)).bytes)
  })

  test.each([
    ['its own name', '/document/report.pdf?version=2', '', 'report.pdf'],
    ['the given name', '/document/report.pdf', 'other.pdf', 'other.pdf'],
    ['a name of ours', '/document/', '', 'document'],
    ['its name as it is read', '/document/my%20report%20%C3%A4.pdf', '', 'my report ä.pdf'],
    ['its name where that cannot be read', '/document/100%25%FF.pdf', '', '100%25%FF.pdf'],
  ])('sends a document under %s', async (_what, path, Filename, fileName) => {
    const { id, message } = await arrives({ Url: address + path, Type: 'document', Filename })

    expect(message.documentMessage).toMatchObject({ fileName, mimetype: 'application/pdf' })
    expect(await downloaded(wago, id)).toEqual((await sampleFile('document')).bytes)
  })

  test('sends a document with a caption', async () => {
    const { message } = await arrives({ Url: `${address}/document`, Type: 'document', Caption: 'look' })

    expect(message.documentMessage).toMatchObject({ caption: 'look' })
  })

  test('measures the length where none is given', async () => {
    const { message } = await arrives({ Url: `${address}/audio`, Type: 'audio' })

    expect(message.audioMessage).toMatchObject({ seconds: 1 })
    expect(message.audioMessage.ptt ?? false).toBe(false)
  })

  test('follows where an address leads', async () => {
    const { id } = await arrives({ Url: `${address}/moved`, Type: 'image' })

    expect(await downloaded(wago, id)).toEqual((await sampleFile('image')).bytes)
  })

  test('takes an id of its own, and a repeated request is one message of one download', async () => {
    const request = {
      token: wago.user.token,
      headers: { 'Idempotency-Key': 'one file' },
      body: { Jid: wago.contact, Url: `${address}/image?once`, Type: 'image', Id: 'FILE1234' },
    }

    const first = await wago.request('POST', '/send/mediaurl', request)
    const second = await wago.request('POST', '/send/mediaurl', request)

    expect((await wago.arrived('FILE1234')).id).toBe('FILE1234')
    expect(second.json).toEqual(first.json)
    expect(asked.filter((path) => path === '/image?once')).toHaveLength(1)
  })

  test.each([
    [{ Url: '' }, 'missing Url in payload'],
    [{ Url: 'ftp://example.com/a.jpg' }, 'Url must be an http or https address'],
    [{ Url: 'data:image/jpeg;base64,AAAA' }, 'Url must be an http or https address'],
    [{ Url: 'file:///etc/passwd' }, 'Url must be an http or https address'],
    [{ Url: '/etc/passwd' }, 'Url must be an http or https address'],
    [{ Url: `https://a.b/${'x'.repeat(8_192)}` }, 'Url is too long: at most 8192 characters'],
    [{ Type: '' }, 'missing Type in payload'],
    [{ Type: 'sticker' }, 'Type must be image, video, audio or document'],
    [{ Duration: -1 }, 'could not decode payload'],
    [{ Jid: '' }, 'missing Jid in payload'],
    [{ Jid: 'Maria' }, 'could not parse Jid'],
  ])('refuses %j', async (change, sentence) => {
    const body = { Jid: wago.contact, Url: `${address}/never`, Type: 'image', ...change }

    expect(await wago.call('/send/mediaurl', body)).toEqual(refused(sentence))
    expect(asked).not.toContain('/never')
  })

  test.each([
    ['is not there', '/missing', 'image', 400, /^failed to fetch the file: .*404/],
    ['is too large for a picture', '/large', 'image', 400, /^failed to fetch the file: /],
    ['is no picture', '/document', 'image', 500, /^could not decode image for thumbnail preparation: /],
  ])('says that a file %s', async (_what, path, Type, code, sentence) => {
    const before = await count(wago)

    const answer = await wago.call('/send/mediaurl', { Jid: wago.contact, Url: address + path, Type })

    expect(answer).toEqual([code, failure(code, expect.stringMatching(sentence))])
    expect(await count(wago)).toBe(before)
  })
})

describe('a server that may reach public addresses only', () => {
  let wago: Wago
  beforeAll(async () => {
    wago = await Wago.start()
  })
  afterAll(() => wago.close())

  test.each([
    () => `${address}/image?guarded`,
    () => `${address.replace('127.0.0.1', 'localhost')}/image?guarded`,
    () => `${address.replace('127.0.0.1', '[::ffff:127.0.0.1]')}/image?guarded`,
    () => 'http://169.254.169.254/latest/meta-data',
    () => 'http://10.0.0.1/image?guarded',
  ])('asks no other: %#', async (url) => {
    const before = await count(wago)

    const answer = await wago.call('/send/mediaurl', { Jid: wago.contact, Url: url(), Type: 'image' })

    const sentence = /^failed to fetch the file: .*resolves to one or more private IP addresses$/
    expect(answer).toEqual([400, failure(400, expect.stringMatching(sentence))])
    expect(asked).not.toContain('/image?guarded')
    expect(await count(wago)).toBe(before)
  })
})
