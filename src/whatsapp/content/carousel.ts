import { proto } from '../library/engine.ts'
import type { Content } from './content.ts'
import { type ContextInput, contextInfo } from './context.ts'
import {
  type Button,
  flowOf,
  type HeaderContent,
  headerOf,
  mixedFlowNode,
  plainButton,
} from './native-flow.ts'

/** One of the cards that are swiped through. */
export interface Card extends HeaderContent {
  body: string
  footer?: string
  buttons: Button[]
}

/** Cards under a text. */
export interface CarouselContent extends ContextInput {
  body?: string
  footer?: string
  cards: Card[]
}

const { HSCROLL_CARDS } = proto.Message.InteractiveMessage.CarouselMessage.CarouselCardType

/**
 * Cards with buttons of their own. The message itself has none, but needs the same stanza node, and something to show:
 * without a text it has a blank.
 */
export function carouselContent({ body, footer, cards, ...context }: CarouselContent): Content {
  return {
    message: {
      interactiveMessage: {
        body: { text: body || ' ' },
        ...(footer && { footer: { text: footer } }),
        carouselMessage: {
          cards: cards.map(cardOf),
          messageVersion: 1,
          carouselCardType: HSCROLL_CARDS,
        },
        ...contextInfo(context),
      },
    },
    nodes: [mixedFlowNode()],
  }
}

function cardOf({ body, footer, buttons, ...header }: Card): proto.Message.IInteractiveMessage {
  return {
    ...headerOf(header),
    body: { text: body },
    ...(footer && { footer: { text: footer } }),
    ...flowOf(buttons.map(plainButton)),
  }
}
