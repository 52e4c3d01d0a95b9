import { type EncodedDelivery, renderEvent } from '../../../delivery/renderer.ts'
import type { WebhookProfile } from '../../../delivery/webhook-profiles.ts'
import type { Event, EventType } from '../../../events/event.ts'
import type { WebhookExample } from '../../../http/document/words.ts'
import type { User } from '../../../store/users/users.ts'
import { exampleEvents } from './example-events.ts'

/** 2026-03-14T15:09:26Z. */
const AT = 1_773_500_966_000

/** Whose events they are. Renderers look at no more of a user than this. */
const user = {
  id: '3f0c9a27b1d84e6f9a0b1c2d3e4f5061',
  name: 'shop',
  token: 'token-of-the-user',
  jid: '4915112345678:7@s.whatsapp.net',
  lastJid: '4915112345678:7@s.whatsapp.net',
  profile: '',
} as User

/**
 * What the webhooks of a profile are sent, one for each shape of each event that it tells: made from example events by the
 * profile's own renderers and encoder, so that the document says what is sent.
 */
export async function webhookExamples(
  { renderers, encode, format }: WebhookProfile,
  /** The parts in which an event is told, where that is several. */
  partsOf: (event: Event, user: User) => readonly (string | undefined)[] = () => [undefined],
): Promise<WebhookExample[]> {
  const found: WebhookExample[] = []
  for (const [type, { when, examples }] of Object.entries(exampleEvents))
    for (const event of examples) {
      // A renderer that has a word for an event says its name with it.
      if (renderers[type as EventType] === null) continue
      for (const part of partsOf(event, user)) {
        const rendered = await renderEvent(renderers, event, { user, timeZone: '', at: AT, part })
        if (!rendered) continue
        const formats = format ? [format] : (['json', 'form'] as const)
        const encoded = await Promise.all(
          formats.map((one) =>
            encode(rendered, {
              user,
              id: 'dlv_3f0c9a27b1d84e6f',
              format: one,
              hmacKey: 'a key of 32 characters or more..',
            }),
          ),
        )
        found.push({
          name: rendered.name,
          summary: when,
          bodies: Object.fromEntries(encoded.map(bodyOf)),
          headers: Object.assign({}, ...encoded.map(({ headers }) => headers)),
        })
      }
    }
  return found
}

/** Content type and content of what would be sent. */
function bodyOf({ body, headers }: EncodedDelivery): [string, unknown] {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  const text = String(body)
  return type.includes('json')
    ? ['application/json', JSON.parse(text)]
    : ['application/x-www-form-urlencoded', Object.fromEntries(new URLSearchParams(text))]
}
