import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { ADMIN_TOKEN, type LinkedUser, TestApp } from '../helpers/app.ts'
import { ask, isInstalled, type ReverseProxy, startCaddy, startNginx } from './proxies.ts'

const CONTACT = '4915550004321'

/** They need the programs; `.ci/run` installs both. */
const proxies = [
  { name: 'nginx', isHere: isInstalled('nginx', '-v'), start: startNginx },
  { name: 'Caddy', isHere: isInstalled('caddy', 'version'), start: startCaddy },
]

let app: TestApp
let user: LinkedUser
beforeAll(async () => {
  app = await TestApp.start({ env: { ENABLE_WEBSOCKET: 'true', TRUST_PROXY: 'loopback' } })
  user = await app.linkedUser({ name: 'proxied', history: 10 })
  await app.contact(CONTACT)
})
afterAll(() => app?.stop())

describe.each(proxies)('behind $name', ({ isHere, start }) => {
  let proxy: ReverseProxy
  beforeAll(async () => {
    if (isHere) proxy = await start(Number(new URL(app.url).port))
  })
  afterAll(() => proxy?.stop())

  test.skipIf(!isHere)('requests are answered, and metrics are not given away', async () => {
    expect(await ask(`${proxy.url}/health/ready`)).toMatchObject({ status: 200 })
    expect(await ask(`${proxy.url}/metrics`, { headers: { authorization: ADMIN_TOKEN } })).toMatchObject({
      status: 404,
    })
  })

  test.skipIf(!isHere)('a file of twenty megabytes is sent', async () => {
    const Document = `data:application/octet-stream;base64,${Buffer.alloc(20 * 1024 * 1024, 7).toString('base64')}`

    const reply = await ask(`${proxy.url}/chat/send/document`, {
      method: 'POST',
      headers: { token: user.token, 'content-type': 'application/json' },
      body: JSON.stringify({ Phone: CONTACT, Document, FileName: 'large.bin' }),
    })

    expect(reply).toMatchObject({ status: 200, text: expect.stringContaining('"success":true') })
  })

  test.skipIf(!isHere)('events come over a WebSocket', async () => {
    const heard: string[] = []
    const socket = new WebSocket(`${proxy.url.replace('https', 'wss')}/wago-api/ws/${user.id}`, {
      headers: { 'X-Api-Key': user.token },
      rejectUnauthorized: false,
    })
    socket.on('message', (text) => heard.push(String(text)))
    await once(socket, 'open')

    await app.sandbox('POST', `/contacts/${CONTACT}/send`, { to: user.phone, text: 'through the proxy' })

    await expect.poll(() => heard.join('')).toContain('through the proxy')
    socket.terminate()
  })

  test.skipIf(!isHere)('an event stream is told as it happens', async () => {
    const open: ServerResponse[] = []
    const upstream = createServer((_request, response) => {
      open.push(response.writeHead(200, { 'content-type': 'text/event-stream' }))
      response.write('data: first\n\n')
    })
    await once(upstream.listen(0, '127.0.0.1'), 'listening')
    const streaming = await start((upstream.address() as AddressInfo).port)

    let heard = ''
    const reply = ask(`${streaming.url}/stream`, { onText: (text) => (heard = text) })

    await expect.poll(() => heard).toBe('data: first\n\n')
    for (const response of open) response.end()
    expect((await reply).status).toBe(200)
    await streaming.stop()
    upstream.close()
  })
})
