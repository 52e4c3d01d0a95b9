import { randomBytes } from 'node:crypto'
import type { BinaryNode, proto } from '../library/engine.ts'
import type { Content } from './content.ts'
import { type ContextInput, contextInfo } from './context.ts'

/** One button under a message. */
export type Button =
  | { kind: 'reply'; label: string; id: string }
  | { kind: 'url'; label: string; url: string }
  | { kind: 'call'; label: string; phone: string }
  | { kind: 'copy'; label: string; code: string }

/** A text with buttons. */
export interface ButtonsContent extends ContextInput {
  body: string
  footer?: string
  /** Heading; an image takes its place. */
  title?: string
  image?: proto.Message.IImageMessage
  buttons: Button[]
}

/** A message with buttons, in the one form that phones still show. */
export function buttonsContent(content: ButtonsContent): Content {
  const { body, footer, title, image, buttons, ...context } = content
  return {
    message: {
      interactiveMessage: {
        ...(image && { header: { hasMediaAttachment: true, imageMessage: image } }),
        ...(!image && title && { header: { title, hasMediaAttachment: false } }),
        body: { text: body },
        ...(footer && { footer: { text: footer } }),
        nativeFlowMessage: { buttons: buttons.map(nativeFlowButton), messageVersion: 1 },
        ...contextInfo(context),
      },
    },
    nodes: [nativeFlowNode()],
  }
}

function nativeFlowButton(
  button: Button,
): proto.Message.InteractiveMessage.NativeFlowMessage.INativeFlowButton {
  const { name, ...parameters } = nativeFlow(button)
  return { name, buttonParamsJson: JSON.stringify({ display_text: button.label, ...parameters }) }
}

function nativeFlow(button: Button) {
  switch (button.kind) {
    case 'reply':
      return { name: 'quick_reply', id: button.id }
    case 'url':
      return { name: 'cta_url', url: button.url, merchant_url: button.url }
    case 'call':
      return { name: 'cta_call', phone_number: button.phone }
    case 'copy':
      return { name: 'cta_copy', copy_code: button.code }
  }
}

/** Without this stanza node phones show nothing; its values are what official business clients send. */
function nativeFlowNode(): BinaryNode {
  return {
    tag: 'biz',
    attrs: {
      actual_actors: '2',
      host_storage: '2',
      privacy_mode_ts: String(Math.floor(Date.now() / 1000)),
    },
    content: [
      {
        tag: 'interactive',
        attrs: { type: 'native_flow', v: '1' },
        content: [{ tag: 'native_flow', attrs: { v: '9', name: 'mixed' } }],
      },
      {
        tag: 'quality_control',
        attrs: { decision_id: randomBytes(10).toString('hex'), source_type: 'third_party' },
      },
    ],
  }
}
