import { z } from 'zod'

const wording = z
  .object({ id: z.string(), text: z.string(), update_time: z.string() })
  .meta({ title: 'NewsletterText' })
const picture = z
  .object({
    direct_path: z.string(),
    hash: z.string().nullable(),
    id: z.string(),
    type: z.string(),
    url: z.string(),
  })
  .meta({ title: 'NewsletterPicture' })

/** A channel as every answer shows it; numbers are text. */
export const newsletterShape = z
  .object({
    id: z.string().describe('JID of the channel: `…@newsletter`'),
    state: z.object({ type: z.string() }),
    thread_metadata: z.object({
      creation_time: z.string(),
      description: wording,
      invite: z.string(),
      name: wording,
      picture: picture.nullable(),
      preview: picture,
      settings: z.object({ reaction_codes: z.object({ value: z.string() }) }),
      subscribers_count: z.string(),
      verification: z.string(),
    }),
    viewer_metadata: z.object({ mute: z.string(), role: z.string() }).nullable(),
  })
  .meta({ title: 'Newsletter' })
