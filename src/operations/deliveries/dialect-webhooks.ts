import { ApiError } from '../../lib/errors.ts'
import { getDialectWebhooks, putDialectWebhook } from '../../store/delivery/dialect-webhooks.ts'
import type { UserScope } from '../services.ts'

/** Where a user wants events in the words of a dialect, '' for nowhere. */
export async function dialectWebhook({ user, services }: UserScope, dialect: string): Promise<string> {
  return (await getDialectWebhooks(services.db, user.id)).get(dialect)?.url ?? ''
}

/** Sets where, or '' for nowhere, and yields it. Throws `invalid_field` for what is no address of a web server. */
export async function setDialectWebhook(
  { user, services }: UserScope,
  { dialect, url }: { dialect: string; url: string },
): Promise<string> {
  if (url !== '' && !(/^https?:\/\//i.test(url) && URL.canParse(url))) {
    throw new ApiError('invalid_field', { text: 'url must be an http or https address' })
  }
  await putDialectWebhook(services.db, user.id, { dialect, url, events: '' })
  return url
}
