import { sentChanges } from './sent/changes.ts'
import { sentFiles } from './sent/files.ts'
import { sentOffers } from './sent/offers.ts'
import { sentPosts } from './sent/posts.ts'
import { sentTexts } from './sent/texts.ts'
import type { SentKind } from './sent/way.ts'

/** Every kind of content that some dialect sends, in the order of the document. */
export const sentKinds: SentKind[] = [...sentTexts, ...sentFiles, ...sentOffers, ...sentChanges, ...sentPosts]

/** What phones send and no dialect does, and why. */
export const unsentKinds: { name: string; why: string }[] = [
  { name: 'live place', why: 'WhatsApp Web shows them and cannot send them; no original has a route' },
  { name: 'video note', why: 'no original has a route; a video is sent as one' },
  { name: 'pack of stickers', why: 'no original has a route; stickers are sent one by one' },
  { name: 'picture in high definition, live photo', why: 'no original has a route; a picture is one file' },
  { name: 'text behind a spoiler', why: 'no original has a route' },
  {
    name: 'invitation to a group as a card',
    why: 'no original has a route; WaGo sends the link with a card',
  },
  { name: 'invitation to run a channel', why: 'no original has a route' },
  {
    name: 'product, order of a catalogue',
    why: 'no original has a route; WaGo sends the link to a catalogue',
  },
  { name: 'request for a payment, payment', why: 'WhatsApp Web cannot pay; no original has a route' },
  { name: 'planned call', why: 'no original has a route; an event has a link to join by' },
  { name: 'answer to an event, change of an event', why: 'no original has a route' },
  { name: 'change of a poll, result of a poll', why: 'no original has a route' },
  { name: 'comment', why: 'no original has a route for groups, and channels have none' },
  { name: 'message that is kept', why: 'no original has a route' },
  { name: 'status in a group, mention in a status', why: 'no original has a route' },
]
