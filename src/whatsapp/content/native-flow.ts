import { randomBytes } from 'node:crypto'
import type { BinaryNode, proto } from '../library/engine.ts'

type FlowButton = proto.Message.InteractiveMessage.NativeFlowMessage.INativeFlowButton

/** One button under a message. */
export type Button =
  | { kind: 'reply'; label: string; id: string }
  | { kind: 'url'; label: string; url: string }
  /** A page that opens inside WhatsApp. */
  | { kind: 'webview'; label: string; url: string }
  | { kind: 'call'; label: string; phone: string }
  | { kind: 'copy'; label: string; code: string }

/** A file above the text: one of the members. */
export type HeaderMedia = Pick<proto.IMessage, 'imageMessage' | 'videoMessage' | 'documentMessage'>

/** What stands above the text. */
export interface HeaderContent {
  /** Heading; under the file where there is one. */
  title?: string
  subtitle?: string
  media?: HeaderMedia
}

/** The `header` member of an interactive message; none when there is nothing to show. */
export function headerOf({
  title,
  subtitle,
  media,
}: HeaderContent): Pick<proto.Message.IInteractiveMessage, 'header'> {
  if (!title && !subtitle && !media) return {}
  return {
    header: {
      ...(title && { title }),
      ...(subtitle && { subtitle }),
      hasMediaAttachment: media !== undefined,
      ...media,
    },
  }
}

/** Any number of buttons, in the one form that phones still show. */
export function flowOf(buttons: FlowButton[]): Pick<proto.Message.IInteractiveMessage, 'nativeFlowMessage'> {
  return { nativeFlowMessage: { buttons, messageVersion: 1 } }
}

/** A button of the form, by WhatsApp's name for what it does; what it needs travels as JSON. */
export function flowButton(name: string, parameters: Record<string, unknown>): FlowButton {
  return { name, buttonParamsJson: JSON.stringify(parameters) }
}

/** A button that anybody can send. */
export function plainButton(button: Button): FlowButton {
  const label = { display_text: button.label }
  switch (button.kind) {
    case 'reply':
      return flowButton('quick_reply', { ...label, id: button.id })
    case 'url':
      return flowButton('cta_url', { ...label, url: button.url, merchant_url: button.url })
    case 'webview':
      return flowButton('cta_url', {
        ...label,
        url: button.url,
        merchant_url: button.url,
        webview_interaction: true,
      })
    case 'call':
      return flowButton('cta_call', { ...label, phone_number: button.phone })
    case 'copy':
      return flowButton('cta_copy', { ...label, copy_code: button.code })
  }
}

/**
 * Without this stanza node phones show nothing; its values are what official business clients send. The service takes no
 * other name than `mixed`: those of the buttons themselves are refused (473, some of them 405).
 */
export function mixedFlowNode(): BinaryNode {
  return {
    tag: 'biz',
    attrs: bizAttributes(),
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

/** The node of messages about payments, which names them in an attribute and has nothing inside. */
export function paymentFlowNode(name: 'payment_info' | 'order_details'): BinaryNode {
  return { tag: 'biz', attrs: { ...bizAttributes(), native_flow_name: name } }
}

function bizAttributes(): Record<string, string> {
  return {
    actual_actors: '2',
    host_storage: '2',
    privacy_mode_ts: String(Math.floor(Date.now() / 1000)),
  }
}
