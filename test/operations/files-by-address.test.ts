import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FileContent, sendContent } from '../../src/operations/messages/send-content.ts'
import type { Peer } from '../../src/sandbox/peer/peer.ts'
import { type MediaKind, sampleFile } from '../../src/sandbox/world/samples.ts'
import type { LiveSession } from '../../src/whatsapp/session/session.ts'
import { Stage } from '../whatsapp/defects/stage.ts'
import { shown } from './arrivals.ts'

let stage: Stage
let session: LiveSession
let contact: Peer
let files: Server
let address: string
beforeAll(async () => {
  stage = await Stage.open('sqlite', { MEDIA_ALLOWED_NETWORKS: 'any' })
  session = stage.app.parley.services.sessions.live((await stage.user()).id)
  contact = stage.contact()
  files = createServer(async (request, response) => {
    // The paths are the names of the samples.
    const { bytes, mimetype } = await sampleFile(request.url?.slice(1) as MediaKind)
    response.writeHead(200, { 'content-type': mimetype }).end(bytes)
  })
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
  // The address of a server that listens on a port is an object.
  address = `http://127.0.0.1:${(files.address() as AddressInfo).port}`
})
afterAll(async () => {
  files.close()
  await stage.close()
})

test.each<[MediaKind, Partial<FileContent>, string, object]>([
  ['image', { as: 'image', caption: 'look' }, 'imageMessage', { caption: 'look', width: 64 }],
  ['audio', { as: 'audio', seconds: 10 }, 'audioMessage', { seconds: 10, ptt: false }],
  ['audio', { as: 'voice', seconds: 10 }, 'audioMessage', { seconds: 10, ptt: true }],
  ['video', { as: 'video', seconds: 10, caption: 'look' }, 'videoMessage', { seconds: 10, caption: 'look' }],
  ['document', { as: 'document', fileName: 'a.pdf' }, 'documentMessage', { fileName: 'a.pdf' }],
  ['video', {}, 'videoMessage', { mimetype: 'video/mp4' }],
])('a file at an address is sent: %s %j', async (sample, options, member, expected) => {
  const { bytes } = await sampleFile(sample)
  const scope = { user: session.user, services: stage.app.parley.services }
  const content = { kind: 'file', file: `${address}/${sample}`, ...options } as const

  const { id } = await sendContent(scope, { to: contact.account.jid(), content })

  const message = await shown(contact, id)
  expect(message[member]).toMatchObject(expected)
  expect(await contact.download(id)).toEqual(bytes)
})
