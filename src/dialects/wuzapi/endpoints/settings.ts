import { z } from 'zod'
import { del, type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { bool, integer, text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import type { UserScope } from '../../../operations/services.ts'
import { isConnected } from '../../../operations/sessions/sessions.ts'
import { changeSettings, readSettings, resetBucket } from '../../../operations/sessions/settings.ts'
import type { Webhook, WebhookPatch } from '../../../store/delivery/webhooks.ts'
import type { User, UserPatch } from '../../../store/users/users.ts'
import { changeOwnWebhook, readOwnWebhook } from '../shapes/account.ts'
import { details } from '../shapes/fields.ts'
import { s3Shape, s3View } from '../shapes/settings-view.ts'
import { checkDays, checkHmacKey } from './admin.ts'

const undecodable = 'could not decode payload'
/** The three HMAC routes answer without envelope and with this type. */
const contentType = 'application/json; charset=utf-8'

const proxyBody = z.object({
  proxy_url: text(limits.url).describe('http:// or socks5:// address'),
  enable: bool(),
  webhook_use_proxy: z.boolean().optional(),
})

const s3Body = z.object({
  enabled: bool(),
  endpoint: text(limits.url),
  region: text(limits.name),
  bucket: text(limits.name),
  access_key: text(limits.secret),
  secret_key: text(limits.secret),
  path_style: bool(),
  public_url: text(limits.url),
  media_delivery: text().meta({ enum: ['base64', 's3', 'both'] }),
  retention_days: integer(),
})

const historyBody = z.object({
  history: z.int().optional().describe('Messages kept per chat, 0 for none'),
  days_to_sync_history: z.int().optional().describe('0 to 365; applies when the next phone is linked'),
  enabled: z.boolean().optional().describe('`false` fetches no days, whatever `days` says'),
  days: z.int().optional().describe('The same as `days_to_sync_history`, which goes before it'),
})

function refuseWhileConnected(scope: UserScope): void {
  if (!isConnected(scope)) return
  throw new ApiError('invalid_field', {
    text: 'cannot set proxy while connected. Please disconnect first',
  })
}

function proxyPatch(body: z.infer<typeof proxyBody>): UserPatch {
  const webhookUse = body.webhook_use_proxy === undefined ? {} : { webhookUseProxy: body.webhook_use_proxy }
  if (!body.enable) return { proxyUrl: '', ...webhookUse }
  if (body.proxy_url === '') throw new ApiError('missing_field', { text: 'missing proxy_url in payload' })
  if (!URL.canParse(body.proxy_url)) {
    throw new ApiError('invalid_field', { text: 'invalid proxy URL format' })
  }
  if (!['http:', 'socks5:'].includes(new URL(body.proxy_url).protocol)) {
    throw new ApiError('invalid_field', { text: 'only HTTP and SOCKS5 proxies are supported' })
  }
  return { proxyUrl: body.proxy_url, ...webhookUse }
}

function s3Patch(body: z.infer<typeof s3Body>): UserPatch {
  const mediaDelivery = body.media_delivery || 'base64'
  if (mediaDelivery !== 'base64' && mediaDelivery !== 's3' && mediaDelivery !== 'both') {
    throw new ApiError('invalid_field', { text: "media_delivery must be 'base64', 's3', or 'both'" })
  }
  return {
    mediaDelivery,
    s3: {
      enabled: body.enabled,
      endpoint: body.endpoint,
      region: body.region,
      bucket: body.bucket,
      accessKey: body.access_key,
      secretKey: body.secret_key,
      pathStyle: body.path_style,
      publicUrl: body.public_url,
      retentionDays: body.retention_days,
    },
  }
}

function historyPatch({ history, ...body }: z.infer<typeof historyBody>): UserPatch {
  const days = body.days_to_sync_history ?? (body.enabled === false ? 0 : body.days)
  if (history === undefined && days === undefined) {
    throw new ApiError('missing_field', { text: 'provide history or days_to_sync_history' })
  }
  if (history !== undefined && history < 0) {
    throw new ApiError('invalid_field', { text: 'history cannot be negative' })
  }
  checkDays(days)
  return {
    ...(history !== undefined && { history }),
    ...(days !== undefined && { daysToSyncHistory: days }),
  }
}

function hmacPatch(key: string): WebhookPatch {
  checkHmacKey(key)
  return { hmacKey: key }
}

const proxySet = reply(
  z.object({
    Details: z.string(),
    ProxyURL: z.string().optional(),
    webhook_use_proxy: z.boolean().optional(),
  }),
  ({ proxyUrl, webhookUseProxy }: User) =>
    proxyUrl === ''
      ? { Details: 'Proxy disabled successfully' }
      : {
          Details: 'Proxy configured successfully',
          ProxyURL: proxyUrl,
          webhook_use_proxy: webhookUseProxy,
        },
)

export const settingsEndpoints: Endpoint[] = [
  post('/session/proxy', {
    summary: 'Set or remove the proxy of the session',
    needs: 'stored',
    before: refuseWhileConnected,
    body: proxyBody,
    undecodable,
    run: changeSettings,
    input: ({ body }) => proxyPatch(body),
    reply: proxySet,
    failure: 'failed to save proxy configuration',
  }),

  post('/session/history', {
    summary: 'Set how many messages are kept, and how many days are fetched when a phone is linked',
    needs: 'stored',
    body: historyBody,
    undecodable,
    run: changeSettings,
    input: ({ body }) => historyPatch(body),
    reply: reply(
      z.object({ Details: z.string(), History: z.int(), days_to_sync_history: z.int() }),
      ({ history, daysToSyncHistory }: User) => ({
        Details: 'History configured successfully; sync days apply on the next pairing',
        History: history,
        days_to_sync_history: daysToSyncHistory,
      }),
    ),
    failure: 'failed to save history configuration',
  }),

  post('/session/hmac/config', {
    summary: 'Set the key that signs webhooks',
    needs: 'stored',
    body: z.object({ hmac_key: text(limits.secret).describe('At least 32 bytes') }),
    undecodable,
    run: changeOwnWebhook,
    input: ({ body }) => hmacPatch(body.hmac_key),
    reply: reply(details, () => ({ Details: 'HMAC configuration saved successfully' }), { bare: true }),
    failure: 'failed to save HMAC configuration',
    contentType,
  }),

  get('/session/hmac/config', {
    summary: 'Whether a key is set; the key itself is not shown',
    needs: 'stored',
    power: 'full',
    run: readOwnWebhook,
    reply: reply(
      z.object({ hmac_key: z.string() }),
      ({ hmacKey }: Webhook) => ({ hmac_key: hmacKey && '***' }),
      {
        bare: true,
      },
    ),
    contentType,
  }),

  del('/session/hmac/config', {
    summary: 'Remove the key; webhooks are no longer signed',
    needs: 'stored',
    run: (scope) => changeOwnWebhook(scope, { hmacKey: '' }),
    reply: reply(details, () => ({ Details: 'HMAC configuration deleted successfully' }), { bare: true }),
    failure: 'failed to delete HMAC configuration',
    contentType,
  }),

  post('/session/s3/config', {
    summary: 'Set the bucket that media of messages are put into',
    needs: 'stored',
    body: s3Body,
    undecodable,
    run: changeSettings,
    input: ({ body }) => s3Patch(body),
    reply: reply(z.object({ Details: z.string(), Enabled: z.boolean() }), ({ s3 }: User) => ({
      Details: 'S3 configuration saved successfully',
      Enabled: s3.enabled,
    })),
    failure: 'failed to save S3 configuration',
  }),

  get('/session/s3/config', {
    summary: 'Show the bucket; its keys are not shown',
    needs: 'stored',
    power: 'full',
    run: readSettings,
    reply: reply(s3Shape, s3View),
  }),

  del('/session/s3/config', {
    summary: 'Forget the bucket; media travel inside webhooks again',
    needs: 'stored',
    run: resetBucket,
    reply: reply(details, () => ({ Details: 'S3 configuration deleted successfully' })),
    failure: 'failed to delete S3 configuration',
  }),
]
