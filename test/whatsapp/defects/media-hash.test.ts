import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Peer } from '../../../src/sandbox/peer/peer.ts'
import { Stage } from './stage.ts'

// A message names the hash of its file, and the file carries a check sum. The library looks at neither.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

/** A file's message, as far as a download needs it. */
interface DocumentMessage {
  URL: string
  directPath: string
  mediaKey: string
  mimetype: string
  fileEncSHA256: string
  fileSHA256: string
  fileLength: number
}

test('the bare library loses the file: it hands out one that was changed on its way', async () => {
  const bare = await stage.bare()
  const contact = stage.contact()
  const { id, file } = await sendDocument(contact, bare.phone)
  await expect.poll(() => bare.has(id)).toBe(true)
  damageFiles()

  const downloaded = Buffer.from(String(await bare.order({ order: 'download', id })), 'base64')

  expect(downloaded).toHaveLength(file.length)
  expect(downloaded.equals(file)).toBe(false)
})

test('Parley hands out the file as it was sent, and refuses it when it was changed', async () => {
  const user = await stage.user()
  const contact = stage.contact()
  const { id, file } = await sendDocument(contact, user.phone)
  const received = await stage.app.waitFor('the document', () =>
    stage.receiver.requests.find(({ body }) => body.includes(id) && body.includes('documentMessage')),
  )
  // Events are as loosely typed as JSON is.
  const { event } = received.event as { event: { Message: { documentMessage: DocumentMessage } } }
  const { URL: Url, directPath, mediaKey, mimetype, ...hashes } = event.Message.documentMessage
  const download = () =>
    stage.app.post('/chat/downloaddocument', user.token, {
      Url,
      DirectPath: directPath,
      MediaKey: mediaKey,
      Mimetype: mimetype,
      FileEncSHA256: hashes.fileEncSHA256,
      FileSHA256: hashes.fileSHA256,
      FileLength: hashes.fileLength,
    })

  const intact = await download()
  damageFiles()
  const damaged = await download()

  expect(intact.json.data.Data).toContain(file.toString('base64'))
  expect(damaged.status).toBe(500)
})

async function sendDocument(contact: Peer, phone: string): Promise<{ id: string; file: Buffer }> {
  const file = Buffer.alloc(1000, `a file of some length for ${phone} `)
  const document = { data: file.toString('base64'), mimetype: 'text/plain', fileName: 'file.txt' }
  const { id } = await contact.send(phone, { document })
  return { id, file }
}

/** Changes one byte in the middle of every file on the media host. */
function damageFiles(): void {
  for (const file of stage.sandbox.network.media.files()) file[100] = (file[100] ?? 0) ^ 1
}
