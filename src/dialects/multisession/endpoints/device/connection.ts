import { z } from 'zod'
import type { XmlNode } from '../../../../events/event-parts.ts'
import { type Endpoint, get, post } from '../../../../http/endpoint/endpoint.ts'
import { bool, text, textUpTo } from '../../../../http/endpoint/fields.ts'
import { type Limit, limits } from '../../../../lib/limits.ts'
import { forceActiveReceipts, setPassive } from '../../../../operations/account/activity.ts'
import { type PushTarget, readPushSettings, setPushTarget } from '../../../../operations/account/push.ts'
import { changeProxy } from '../../../../operations/customers/device-link.ts'
import type { UserScope } from '../../../../operations/services.ts'
import { readSettings } from '../../../../operations/sessions/settings.ts'
import type { User } from '../../../../store/users/users.ts'
import { goNode } from '../../../shared/whatsmeow/message-info.ts'
import { answer, done } from '../../envelope.ts'
import { live } from '../../shapes/live.ts'

const undecodable = 'Failed to parse body request'

const PROXY = 'proxy URL must start with http:// or https://'
const proxyUrl = text(limits.url).refine(
  (url) => url === '' || (/^https?:\/\//i.test(url) && URL.canParse(url)),
  PROXY,
)

const PUSHES = 'platform must be one of: fcm, apns, webhook'
const pushes = z
  .object({ platform: text(limits.name), token: text(limits.pushToken) })
  .superRefine(({ platform, token }, issues) => {
    const problem = !['fcm', 'apns', 'webhook'].includes(platform)
      ? PUSHES
      : platform !== 'webhook' && token === '' && 'token is required for fcm/apns platforms'
    if (problem) issues.addIssue({ code: 'custom', message: problem })
  })

/** Registers a token with WhatsApp; what goes to webhooks needs no registration. */
async function registerPushes(
  { user, services }: UserScope,
  { platform, token }: z.infer<typeof pushes>,
): Promise<void> {
  if (platform === 'webhook') return
  const target: PushTarget =
    platform === 'fcm'
      ? { platform: 'fcm', token }
      : { platform: 'apns', token, voipToken: '', messageIdKey: Buffer.alloc(0) }
  await setPushTarget(services.sessions.live(user.id), target)
}

const KEY_BYTES = 32

/** Bytes in base64. A key that is none is a problem of its own field, not of the whole body. */
function base64(name: string, limit: Limit) {
  return textUpTo(limit, z.string())
    .default('')
    .transform((given, issues) => {
      const decoded = Buffer.from(given, 'base64')
      if (decoded.toString('base64') === given) return decoded
      issues.addIssue({ code: 'custom', message: `${name} must be valid base64` })
      return z.NEVER
    })
}

const fcm = z.object({
  token: text(limits.pushToken).refine((token) => token !== '', 'token is required for fcm platform'),
})
const apns = z.object({
  token: text(limits.pushToken).refine((token) => token !== '', 'token is required for apns platform'),
  voip_token: text(limits.pushToken),
  msg_id_enc_key: base64('msg_id_enc_key', limits.pushToken).refine(
    (key) => key.length === 0 || key.length === KEY_BYTES,
    'msg_id_enc_key must be 32 bytes when provided',
  ),
})
const web = z.object({
  auth: base64('auth', limits.pushToken),
  p256dh: base64('p256dh', limits.pushToken),
})

/** What each platform needs is looked at when the platform is known. */
const pushConfig = z
  .object({
    platform: text(limits.name),
    token: text(limits.pushToken),
    voip_token: text(limits.pushToken),
    msg_id_enc_key: text(limits.pushToken),
    endpoint: text(limits.url),
    auth: text(limits.pushToken),
    p256dh: text(limits.pushToken),
  })
  .transform((body, issues): PushTarget => {
    const checked = pushTargetOf(body)
    if (typeof checked !== 'string') return checked
    issues.addIssue({ code: 'custom', message: checked })
    return z.NEVER
  })

interface PushFields {
  platform: string
  endpoint: string
  auth: string
  p256dh: string
}

/** The target, or the sentence about what is wrong. */
function pushTargetOf(body: PushFields): PushTarget | string {
  switch (body.platform.toLowerCase()) {
    case 'fcm': {
      const { data, error } = fcm.safeParse(body)
      return data ? { platform: 'fcm', token: data.token } : firstProblem(error)
    }
    case 'apns': {
      const { data, error } = apns.safeParse(body)
      if (!data) return firstProblem(error)
      const { token, voip_token: voipToken, msg_id_enc_key: messageIdKey } = data
      return { platform: 'apns', token, voipToken, messageIdKey }
    }
    case 'web': {
      const { endpoint, auth, p256dh } = body
      if (endpoint === '' || auth === '' || p256dh === '')
        return 'endpoint, auth, and p256dh are required for web platform'
      const { data, error } = web.safeParse(body)
      return data ? { platform: 'web', endpoint, ...data } : firstProblem(error)
    }
    default:
      return 'platform must be one of: fcm, apns, web'
  }
}

function firstProblem(error: z.ZodError): string {
  return error.issues[0]?.message ?? 'the configuration is not valid'
}

export const connectionEndpoints: Endpoint[] = [
  post('/devices/me/passive', {
    summary: 'Tell WhatsApp that this connection is passive, and gets no messages, or that it is not',
    needs: 'stored',
    body: z.object({ passive: bool() }),
    run: live(setPassive),
    input: ({ body }) => ({ isPassive: body.passive }),
    reply: done('Passive mode set successfully'),
  }),

  get('/devices/me/proxy', {
    summary: 'Show the proxy of the device',
    needs: 'stored',
    power: 'full',
    run: readSettings,
    reply: answer(
      'Device proxy configuration',
      z.object({ active: z.boolean(), proxy_url: z.string() }),
      ({ proxyUrl }: User) => ({ active: proxyUrl !== '', proxy_url: proxyUrl }),
    ),
  }),

  post('/devices/me/proxy', {
    summary: 'Set the proxy of the device, empty for none; a connected device connects anew through it',
    needs: 'stored',
    undecodable,
    body: z.object({ proxy_url: proxyUrl.meta({ example: 'https://proxy.example.com:3128' }) }),
    run: changeProxy,
    input: ({ body }) => ({ proxyUrl: body.proxy_url }),
    reply: done('Device proxy configured successfully'),
  }),

  post('/devices/me/push-notifications', {
    summary: 'Register for push notifications; webhooks need no registration',
    needs: 'stored',
    undecodable,
    body: pushes,
    example: { platform: 'fcm', token: 'token-of-the-phone' },
    run: registerPushes,
    input: ({ body }) => body,
    reply: done('Push notifications registered successfully'),
  }),

  get('/devices/me/server-push-config', {
    summary: 'Show what WhatsApp has registered for push notifications, as it answers',
    needs: 'stored',
    power: 'full',
    run: live<undefined, XmlNode>(readPushSettings),
    reply: answer(
      'Success get server push config',
      z.object({ Tag: z.string(), Attrs: z.record(z.string(), z.string()).nullable(), Content: z.unknown() }),
      goNode,
    ),
  }),

  post('/devices/me/server-push-config', {
    summary: 'Register a token of Firebase or Apple, or an address for web push, with WhatsApp',
    needs: 'stored',
    undecodable,
    body: pushConfig,
    example: { platform: 'fcm', token: 'token-of-the-phone' },
    run: live(setPushTarget),
    input: ({ body }) => body,
    reply: done('Server push config updated successfully'),
  }),

  post('/devices/me/force-active-receipts', {
    summary: 'Send receipts of delivery as an active device, until the connection ends, or no longer',
    needs: 'stored',
    undecodable,
    body: z.object({ active: bool() }),
    run: live(forceActiveReceipts),
    input: ({ body }) => ({ isActive: body.active }),
    reply: done('Force active delivery receipts updated successfully'),
  }),
]
