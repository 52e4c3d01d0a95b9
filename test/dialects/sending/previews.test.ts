import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import type { Answer } from '../../helpers/app.ts'
import { dataUrl, picture } from '../../helpers/media.ts'
import { fileIn } from '../wago/sending/shows.ts'
import { Dialects } from './dialects.ts'

let all: Dialects
let photo: Buffer
let sandbox: Sandbox
const asked: IncomingHttpHeaders[] = []
const page = createServer((request, response) => {
  asked.push(request.headers)
  if (request.url === '/photo') response.setHeader('content-type', 'image/jpeg').end(photo)
  else
    response
      .setHeader('content-type', 'text/html')
      .end('<title>Tee</title><meta property="og:image" content="/photo">')
})
let site: string
beforeAll(async () => {
  photo = await picture('jpeg', [1600, 800])
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has a numeric address.
  site = `http://127.0.0.1:${(page.address() as AddressInfo).port}/`
  sandbox = await startSandbox()
  const env = {
    WHATSAPP_NETWORK: sandbox.url,
    MEDIA_ALLOWED_NETWORKS: 'any',
    LINK_PREVIEW_LANGUAGES: 'de-DE,de;q=0.9',
  }
  all = await Dialects.start({ env })
})
afterAll(async () => {
  await all.close()
  await sandbox.stop()
  page.closeAllConnections()
  page.close()
})

/** The large picture of a card as a phone downloads it: in its size, by the hash and key that the message names. */
async function largePicture(text: Answer['json']) {
  const { thumbnailDirectPath: directPath, mediaKey } = text
  const bytes = await fileIn(sandbox.network, { directPath, mediaKey }, 'thumbnail-link')
  const { format, width, height } = await sharp(bytes).metadata()
  expect([width, height]).toEqual([text.thumbnailWidth, text.thumbnailHeight])
  return { format, width, height }
}

test.each(['a person', 'a group'])('a link to %s shows the page with its large picture', async (whom) => {
  const Phone = whom === 'a group' ? all.group : all.contact

  const { extendedTextMessage } = await all.shown(
    await all.wuzapi('/chat/send/text', { Phone, Body: `see ${site}`, LinkPreview: true }),
  )

  expect(extendedTextMessage).toMatchObject({
    matchedText: site,
    title: 'Tee',
    jpegThumbnail: expect.any(String),
    thumbnailSha256: expect.any(String),
    thumbnailEncSha256: expect.any(String),
    mediaKeyTimestamp: expect.any(String),
  })
  expect(await largePicture(extendedTextMessage)).toEqual({ format: 'jpeg', width: 1024, height: 512 })
  expect(asked.every((headers) => headers['accept-language'] === 'de-DE,de;q=0.9')).toBe(true)
})

test('a card whose picture the caller gives has it large as well', async () => {
  const card = { Text: 'see https://example.com', MatchedURL: 'https://example.com', Title: 'Example' }
  const Image = dataUrl('image/jpeg', photo)

  const { extendedTextMessage } = await all.shown(
    await all.wago('/send/preview', { Phone: all.contact, ...card, Image }),
  )

  expect(await largePicture(extendedTextMessage)).toEqual({ format: 'jpeg', width: 1024, height: 512 })
})

test('a small picture stays the only one', async () => {
  const card = { Text: 'see https://example.com', MatchedURL: 'https://example.com', Title: 'Example' }
  const Image = dataUrl('image/jpeg', await picture('jpeg', [200, 200]))

  const { extendedTextMessage } = await all.shown(
    await all.wago('/send/preview', { Phone: all.contact, ...card, Image }),
  )

  expect(extendedTextMessage.jpegThumbnail).toEqual(expect.any(String))
  expect(extendedTextMessage).not.toHaveProperty('thumbnailDirectPath')
})
