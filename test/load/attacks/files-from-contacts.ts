import { randomBytes } from 'node:crypto'
import { type Attack, allOf, repeatedly, type Stop } from './attack.ts'
import {
  type RudeServer,
  silentMediaProxy,
  silentServer,
  slowServer,
  tricklingServer,
} from './rude-servers.ts'
import type { Stage, Tenant } from './stage.ts'

const FILE_BYTES = 64 * 1024
const FILE_PAUSE_MS = 150

/** Files come in for users whose buckets take them and never say so, or say so for ever. */
export const silentBuckets: Attack = {
  name: 'buckets that are silent or trickle',
  async start(stage) {
    const receiver = stage.keep(await slowServer(100))
    const buckets = [stage.keep(await silentServer()), stage.keep(await tricklingServer())]
    const tenants = await Promise.all(
      buckets.map((bucket) => stage.moveIn({ webhook: receiver.url, s3Config: bucketAt(bucket) })),
    )
    const testing = tenants.map((tenant) =>
      repeatedly(stage, { pauseMs: 1_000 }, () => stage.askAs(tenant, '/session/s3/test', {})),
    )
    return allOf(...tenants.map((tenant) => sendFiles(stage, tenant)), ...testing)
  },
}

/** Files come in for a user to whom the media host says nothing. */
export const silentMediaHost: Attack = {
  name: 'a media host that is silent',
  async start(stage) {
    const receiver = stage.keep(await slowServer(100))
    const proxy = stage.keep(await silentMediaProxy())
    const tenant = await stage.moveIn({
      webhook: receiver.url,
      proxyConfig: { enabled: true, proxyURL: proxy.url, webhookUseProxy: false },
    })
    // What it sends itself has to get past the same host.
    const image = `data:text/plain;base64,${randomBytes(1024).toString('base64')}`
    const uploading = repeatedly(stage, { pauseMs: 1_000 }, () =>
      stage.askAs(tenant, '/chat/send/document', { Phone: tenant.contact, FileName: 'a', Document: image }),
    )
    return allOf(sendFiles(stage, tenant), uploading)
  },
}

function sendFiles(stage: Stage, { contact, phone }: Tenant): Stop {
  return repeatedly(stage, { pauseMs: FILE_PAUSE_MS }, () => {
    // Never the same bytes, or the simulated host would keep them once.
    const data = randomBytes(FILE_BYTES).toString('base64')
    return stage.sandbox(`/contacts/${contact}/send`, { to: phone, document: { data, fileName: 'a.bin' } })
  })
}

function bucketAt({ url }: RudeServer): Record<string, unknown> {
  return {
    enabled: true,
    endpoint: url,
    region: 'us-east-1',
    bucket: 'files',
    accessKey: 'key',
    secretKey: 'secret',
    pathStyle: true,
    mediaDelivery: 's3',
  }
}
