import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { postWebhook } from '../../src/delivery/webhook.ts'
import { AgentPool } from '../../src/media/fetch/proxy-agents.ts'
import { selfSignedCertificate } from '../../src/sandbox/server/self-signed.ts'

const receiver = createServer(selfSignedCertificate(['localhost']), (_request, response) => {
  requests++
  response.end()
})
let requests = 0

beforeAll(async () => {
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
})
afterAll(async () => {
  receiver.closeAllConnections()
  receiver.close()
  await once(receiver, 'close')
})

/** Delivers with the settings that this environment gives. */
async function deliver(env: Record<string, string>) {
  const config = loadConfig(env)
  const pool = new AgentPool({ networks: config.webhookAllowedNetworks, verifyTls: config.webhookVerifyTls })
  // A server that listens on TCP has an address object.
  const { port } = receiver.address() as AddressInfo
  const request = { url: `https://localhost:${port}/`, id: 'id', at: 0, encoded: { body: '{}', headers: {} } }
  try {
    return await postWebhook(request, {
      agents: () => pool.through(''),
      timeoutMs: 5_000,
      signal: new AbortController().signal,
    })
  } finally {
    pool.close()
  }
}

test('a receiver whose certificate nobody vouches for gets nothing', async () => {
  expect(await deliver({})).toMatchObject({
    kind: 'failed',
    answer: expect.stringMatching(/CERT|SELF_SIGNED/),
  })
  expect(requests).toBe(0)
})

test('unless the operator turned verification off', async () => {
  expect(await deliver({ WEBHOOK_VERIFY_TLS: 'false' })).toMatchObject({ kind: 'delivered' })
})
