import { once } from 'node:events'
import { expect, test } from 'vitest'
import { startSandbox } from '../../../src/sandbox/index.ts'
import { memoryKeys } from '../../../src/sandbox/peer/signal-keys.ts'
import { clientOptions } from '../../../src/sandbox/server/client-options.ts'
import { silentLogger } from '../../../src/sandbox/world/silent-logger.ts'
import { initAuthCreds, makeWASocket } from '../../../src/whatsapp/library/engine.ts'
import { TestApp } from '../../helpers/app.ts'
import { startForwarder } from '../../helpers/forwarder.ts'
import { startStrangePeer } from '../../helpers/strange-peer.ts'

// A web server that answers in WhatsApp's place, a portal or a proxy on the way, and then closes the connection.

test('the bare library does not notice that nothing will come any more', async () => {
  const peer = await startStrangePeer('speaks HTTP')
  const told: unknown[] = []

  const socket = makeWASocket({
    ...clientOptions(`ws://127.0.0.1:${peer.port}/ws/chat`),
    auth: { creds: initAuthCreds(), keys: memoryKeys() },
    logger: silentLogger,
  })
  socket.ev.on('connection.update', ({ connection }) => told.push(connection))
  const [request] = await once(socket.ws, 'unexpected-response')
  await once(request, 'close')

  expect(socket.ws.isConnecting).toBe(true)
  expect(told).not.toContain('close')
  await socket.end(undefined)
  await peer.close()
})

test('Parley asks again, and is there when WhatsApp is', async () => {
  const sandbox = await startSandbox()
  const url = new URL(sandbox.url)
  const forwarder = await startForwarder({ host: url.hostname, port: Number(url.port) })
  url.port = String(forwarder.port)
  const app = await TestApp.start({ env: { WHATSAPP_NETWORK: url.href } })
  const user = await app.linkedUser()

  forwarder.impersonate('speaks HTTP')
  await app.waitFor('more than one attempt', () => forwarder.impersonated > 1)
  forwarder.impersonate(undefined)

  await app.waitFor('the session to open', () => app.parley.services.sessions.find(user.id)?.status.loggedIn)
  await app.close()
  await forwarder.close()
  await sandbox.stop()
})
