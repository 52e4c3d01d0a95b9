import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../helpers/app.ts'
import { dataUrl } from '../../helpers/media.ts'
import { pdf } from '../../helpers/pdf.ts'
import { Dialects } from './dialects.ts'

let all: Dialects
beforeAll(async () => {
  all = await Dialects.start()
})
afterAll(() => all.close())

type Send = (to: string, bytes: Buffer) => Promise<[number, Answer['json']]>

const url = (bytes: Buffer) => dataUrl('application/pdf', bytes)
const dialects: [string, Send][] = [
  [
    'wuzapi',
    (Phone, bytes) => all.wuzapi('/chat/send/document', { Phone, Document: url(bytes), FileName: 'a.pdf' }),
  ],
  ['WaGo', (Phone, bytes) => all.wago('/send/document', { Phone, Document: url(bytes), FileName: 'a.pdf' })],
  [
    'wago-api',
    (to, bytes) =>
      all.wagoApi('/client/sendMessage', { chatId: to, mediaBase64: url(bytes), filename: 'a.pdf' }),
  ],
  [
    'wsgo',
    (phone, bytes) =>
      all.wsgo('/api/send/document', { phone, document_base64: bytes.toString('base64'), filename: 'a.pdf' }),
  ],
  [
    'multisession',
    (to, bytes) =>
      all.multisession(`POST /chats/${to}/documents`, {
        file: { bytes, name: 'a.pdf', type: 'application/pdf' },
      }),
  ],
]

describe.each(dialects)('a PDF of %s', (_name, send) => {
  test('shows its first page and how many there are, in a chat and in a group', async () => {
    const bytes = pdf({ pages: 4 })

    const messages = [
      await all.shown(await send(all.contactJid, bytes)),
      await all.shown(await send(all.group, bytes)),
    ]

    for (const { documentMessage } of messages) {
      expect(documentMessage).toMatchObject({ mimetype: 'application/pdf', pageCount: 4 })
      const { format, height } = await sharp(Buffer.from(documentMessage.jpegThumbnail, 'base64')).metadata()
      expect([format, height]).toEqual(['jpeg', 480])
    }
  })
})

test('a PDF that cannot be read is sent all the same, without either', async () => {
  const { documentMessage } = await all.shown(
    await all.wuzapi('/chat/send/document', {
      Phone: all.contact,
      Document: url(Buffer.from('%PDF-1.4 and no more')),
      FileName: 'a.pdf',
    }),
  )

  expect(documentMessage).toMatchObject({ mimetype: 'application/pdf', fileName: 'a.pdf' })
  expect(documentMessage).not.toHaveProperty('pageCount')
  expect(documentMessage).not.toHaveProperty('jpegThumbnail')
})
