import { z } from 'zod'
import type { User } from '../../../store/users/users.ts'

/** A user's bucket as it is shown: the access key is never told, not even whether there is one. */
export function s3View({ s3, mediaDelivery }: User): object {
  return {
    enabled: s3.enabled,
    endpoint: s3.endpoint,
    region: s3.region,
    bucket: s3.bucket,
    access_key: '***',
    path_style: s3.pathStyle,
    public_url: s3.publicUrl,
    media_delivery: mediaDelivery,
    retention_days: s3.retentionDays,
  }
}

export const s3Shape = z
  .object({
    enabled: z.boolean(),
    endpoint: z.string(),
    region: z.string(),
    bucket: z.string(),
    access_key: z.string(),
    path_style: z.boolean(),
    public_url: z.string(),
    media_delivery: z.string(),
    retention_days: z.int(),
  })
  .meta({ title: 'S3Config' })

/** A user's proxy as it is shown. */
export function proxyView(user: User): object {
  return {
    enabled: user.proxyUrl !== '',
    proxy_url: user.proxyUrl,
    webhook_use_proxy: user.webhookUseProxy,
  }
}

export const proxyShape = z
  .object({
    enabled: z.boolean(),
    proxy_url: z.string(),
    webhook_use_proxy: z.boolean(),
  })
  .meta({ title: 'ProxyConfig' })
