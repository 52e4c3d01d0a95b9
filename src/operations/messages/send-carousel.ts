import { ApiError } from '../../lib/errors.ts'
import { limits } from '../../lib/limits.ts'
import { withScratch } from '../../media/scratch.ts'
import { type Card, type CarouselContent, carouselContent } from '../../whatsapp/content/carousel.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { type Addressed, addressed } from './addressed.ts'
import { buildHeader, type HeaderFile } from './header-media.ts'

/** A card before its file is uploaded. */
export interface CarouselCard extends Omit<Card, 'media'> {
  /** A picture or video above the text. */
  media?: HeaderFile
}

export interface CarouselMessage extends Addressed, Omit<CarouselContent, 'cards'> {
  cards: CarouselCard[]
}

/** What can be swiped through has a next one. */
const FEWEST_CARDS = 2

/**
 * Sends cards to swipe through; resolves when the server has acknowledged the message. Either every card has a picture or
 * video or none has, and each has a text and a button or more. Throws `invalid_field` for other cards, and as the sending
 * of the first file that fails would; then nothing is sent.
 */
export async function sendCarousel(session: LiveSession, message: CarouselMessage): Promise<Sent> {
  checkCards(message.cards)
  const { to, id, cards, ...content } = await addressed(session, message)
  return withScratch(async (scratch) => {
    const built: Card[] = []
    // One after the other: they wait for the same line.
    for (const { media, ...card } of cards) {
      built.push({ ...card, ...(media && { media: await buildHeader(session, media, scratch) }) })
    }
    return session.send({ to, id, ...carouselContent({ ...content, cards: built }) })
  })
}

function checkCards(cards: CarouselCard[]): void {
  const { max } = limits.carouselCards
  if (cards.length < FEWEST_CARDS || cards.length > max)
    throw invalid(`a carousel has ${FEWEST_CARDS} to ${max} cards`)
  const withMedia = cards.filter(({ media }) => media !== undefined).length
  if (withMedia > 0 && withMedia < cards.length)
    throw invalid('either every card has a picture or video or none has')
  for (const [index, { body, buttons, media }] of cards.entries()) {
    const name = `card ${index + 1}`
    if (body.trim() === '') throw invalid(`${name} has no text`)
    if (media?.kind === 'document') throw invalid(`${name} has a file that is neither picture nor video`)
    if (buttons.length === 0 || buttons.length > limits.cardButtons.max)
      throw invalid(`${name} needs 1 to ${limits.cardButtons.max} buttons`)
  }
}

function invalid(text: string): ApiError {
  return new ApiError('invalid_field', { text })
}
