import type { Content } from './content.ts'
import { type ContextInput, contextInfo } from './context.ts'
import {
  type Button,
  flowButton,
  flowOf,
  type HeaderContent,
  headerOf,
  mixedFlowNode,
  plainButton,
} from './native-flow.ts'

/** A text with buttons. */
export interface ButtonsContent extends ContextInput, HeaderContent {
  body: string
  footer?: string
  buttons: Button[]
}

/** A message with buttons, in the one form that phones still show. */
export function buttonsContent({ body, footer, buttons, ...rest }: ButtonsContent): Content {
  const { title, subtitle, media, ...context } = rest
  return {
    message: {
      interactiveMessage: {
        ...headerOf({ title, subtitle, media }),
        body: { text: body },
        ...(footer && { footer: { text: footer } }),
        ...flowOf(buttons.map(plainButton)),
        ...contextInfo(context),
      },
    },
    nodes: [mixedFlowNode()],
  }
}

/** A text with a button that sends the place where the reader is. */
export interface LocationRequestContent extends ContextInput {
  body: string
}

/** The phone itself names that button, in the language of its owner. */
export function locationRequestContent({ body, ...context }: LocationRequestContent): Content {
  return {
    message: {
      interactiveMessage: {
        body: { text: body },
        ...flowOf([flowButton('send_location', {})]),
        ...contextInfo(context),
      },
    },
    nodes: [mixedFlowNode()],
  }
}
