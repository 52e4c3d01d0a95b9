import { objectAt, textAt } from '../../../events/unwrap.ts'
import { goTime } from '../../shared/go/time.ts'
import { newsletterPost } from '../../shared/whatsmeow/newsletter-post.ts'
import { type Tellings, tell, tellFacts } from './telling.ts'

/** What is told of channels besides their posts. */
export const newsletterTellings = {
  'newsletter.join': ({ chat, newsletter }) => [
    tellFacts('newsletter.join', {
      newsletter_jid: chat,
      name: textAt(objectAt(objectAt(newsletter, 'thread_metadata'), 'name'), 'text'),
    }),
  ],
  'newsletter.leave': ({ chat, role }) => [tellFacts('newsletter.leave', { newsletter_jid: chat, role })],
  'newsletter.mute': ({ chat, mute }) => {
    const facts = { newsletter_jid: chat, mute }
    return [tellFacts('newsletter.update', facts), tellFacts('newsletter.mute_change', facts)]
  },
  'newsletter.live': ({ chat, timestamp, messages }) => [
    tell('newsletter.live_update', (timeZone) => ({
      newsletter_jid: chat,
      time: goTime(timestamp, timeZone),
      message_count: messages.length,
      messages: messages.map((post) => newsletterPost(post, timeZone)),
    })),
  ],
} satisfies Partial<Tellings>
