import { z } from 'zod'
import type { EventOf } from '../../../events/event.ts'
import { type GoValue, goProto } from '../go/proto.ts'
import { goTime } from '../go/time.ts'

type NewsletterPost = EventOf<'newsletter.live'>['messages'][number]

/** whatsmeow's `NewsletterMessage`: a post of a channel with its counts. */
export function newsletterPost(post: NewsletterPost, timeZone: string): { [key: string]: GoValue } {
  return {
    MessageServerID: post.serverId,
    MessageID: post.id,
    Type: post.stanzaType,
    Timestamp: goTime(post.timestamp, timeZone),
    ViewsCount: post.views,
    ReactionCounts: post.reactions,
    Message: post.message && goProto(post.message),
  }
}

/** The same, for the documentation. */
export const newsletterPostShape = z
  .object({
    MessageServerID: z.int(),
    MessageID: z.string(),
    Type: z.string(),
    Timestamp: z.string(),
    ViewsCount: z.int(),
    ReactionCounts: z.record(z.string(), z.int()).nullable(),
    Message: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ title: 'NewsletterPost' })
