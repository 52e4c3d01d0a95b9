import { z } from 'zod'
import type { JsonObject } from '../../../events/event-parts.ts'
import { objectAt, textAt } from '../../../events/unwrap.ts'
import { newsletterMetadata } from '../../shared/whatsmeow/newsletter-metadata.ts'

const picture = z
  .object({
    url: z.string(),
    id: z.string(),
    type: z.string(),
    direct_path: z.string(),
    hash: z.string().nullable(),
  })
  .meta({ title: 'NewsletterPicture' })

/** A channel as every answer shows it. */
export const newsletterShape = z
  .object({
    jid: z.string(),
    name: z.string(),
    description: z.string(),
    subscriber_count: z.int(),
    verification: z.string(),
    picture: picture.nullable(),
    preview: picture,
    state: z.object({ type: z.string() }),
  })
  .meta({ title: 'Newsletter' })

/** WhatsApp's own description of a channel in that shape. */
export function newsletterFields(newsletter: JsonObject) {
  const { jid, name, description } = newsletterName(newsletter)
  const { state, thread_metadata: thread } = newsletterMetadata(newsletter)
  // Both are objects whatever WhatsApp says: they are made by the function above.
  const facts = thread as Record<string, unknown>
  return {
    jid,
    name,
    description,
    subscriber_count: Number(facts.subscribers_count),
    verification: facts.verification,
    picture: facts.picture,
    preview: facts.preview,
    state,
  }
}

/** A channel as the answer to its creation shows it. */
export const newsletterNameShape = z.object({ jid: z.string(), name: z.string(), description: z.string() })

/** WhatsApp's own description of a channel in that shape. */
export function newsletterName(newsletter: JsonObject): z.infer<typeof newsletterNameShape> {
  const thread = objectAt(newsletter, 'thread_metadata')
  return {
    jid: textAt(newsletter, 'id'),
    name: textAt(objectAt(thread, 'name'), 'text'),
    description: textAt(objectAt(thread, 'description'), 'text'),
  }
}
