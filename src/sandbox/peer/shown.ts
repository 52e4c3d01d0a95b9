import { ownMember } from '../../lib/own-member.ts'
import { type BinaryNode, normalizeMessageContent, type proto } from '../../whatsapp/library/engine.ts'
import { PAYMENT_FLOWS } from '../world/interactive.ts'
import { child } from '../world/node.ts'

type Interactive = proto.Message.IInteractiveMessage
type FlowButton = proto.Message.InteractiveMessage.NativeFlowMessage.INativeFlowButton

/** Version of the announcement that phones are known to follow. */
const FLOW_VERSION = '9'
const LIST = { v: '2', type: 'product_list' }
const FEWEST_CARDS = 2
const MOST_CARDS = 10

/** What of each kind of button must be in its JSON; texts unless a function says otherwise. */
const BUTTONS: Record<string, Record<string, (value: unknown) => boolean>> = {
  quick_reply: { display_text: isText, id: isText },
  cta_url: { display_text: isText, url: isAddress },
  cta_call: { display_text: isText, phone_number: isText },
  cta_copy: { display_text: isText, copy_code: isText },
  send_location: {},
  single_select: { title: isText, sections: isFilledList },
  cta_catalog: {},
  payment_info: {
    currency: isText,
    reference_id: isText,
    total_amount: isMoney,
    payment_settings: isPayable,
  },
  review_and_pay: {
    currency: isText,
    reference_id: isText,
    total_amount: isMoney,
    payment_settings: isPayable,
    order: isOrder,
  },
}

/** The announcement each kind of button needs where it is not `mixed`. */
const ANNOUNCED_AS: Record<string, string> = { payment_info: 'payment_info', review_and_pay: 'order_details' }

/**
 * Why a phone shows nothing of a message it has decrypted; undefined when it shows it. `stanza` is what it came in: what
 * has buttons is shown only with the right announcement beside it. Nothing tells its sender.
 */
export function whyHidden(message: proto.IMessage, stanza: BinaryNode): string | undefined {
  const content = normalizeMessageContent(message) ?? message
  if (content.buttonsMessage) return 'phones no longer show buttonsMessage'
  if (content.templateMessage) return 'phones no longer show templateMessage'
  if (content.listMessage) return hiddenList(content.listMessage, stanza)
  return content.interactiveMessage ? hiddenInteractive(content.interactiveMessage, stanza) : undefined
}

function hiddenList({ sections, buttonText }: proto.Message.IListMessage, stanza: BinaryNode) {
  const announced = child(child(stanza, 'biz'), 'list')?.attrs
  if (announced?.v !== LIST.v || announced.type !== LIST.type) return 'the stanza announces no list'
  if (!buttonText) return 'the list has no button'
  const rows = (sections ?? []).flatMap((section) => section.rows ?? [])
  if (rows.length === 0) return 'the list has no rows'
  return rows.every(({ rowId, title }) => rowId && title) ? undefined : 'a row has no id or no title'
}

function hiddenInteractive(interactive: Interactive, stanza: BinaryNode): string | undefined {
  const { nativeFlowMessage, carouselMessage } = interactive
  if (!nativeFlowMessage && !carouselMessage) return 'an interactive message without buttons or cards'
  return (
    unannounced(nativeFlowMessage?.buttons?.[0]?.name ?? '', stanza) ??
    (hasFace(interactive) ? undefined : 'there is neither text nor title nor picture') ??
    wrongHeader(interactive) ??
    (carouselMessage ? wrongCards(carouselMessage) : wrongButtons(nativeFlowMessage?.buttons))
  )
}

function unannounced(button: string, stanza: BinaryNode): string | undefined {
  const biz = child(stanza, 'biz')
  if (!biz) return 'the stanza has no <biz>'
  const payment = ownMember(ANNOUNCED_AS, button)
  const { native_flow_name: named } = biz.attrs
  if (payment !== undefined)
    return named === payment ? undefined : `the stanza does not announce a ${payment}`
  if (named !== undefined && PAYMENT_FLOWS.has(named)) return `the stanza announces a ${named}`
  const flow = child(child(biz, 'interactive'), 'native_flow')
  if (!flow) return 'the stanza announces no native flow'
  return flow.attrs.v === FLOW_VERSION ? undefined : `the announced version is ${flow.attrs.v ?? 'missing'}`
}

function hasFace({ header, body, footer }: Interactive): boolean {
  return Boolean(body?.text || footer?.text || header?.title || header?.imageMessage)
}

function wrongHeader({ header }: Interactive): string | undefined {
  if (!header) return undefined
  const media = header.imageMessage ?? header.videoMessage ?? header.documentMessage
  if (Boolean(header.hasMediaAttachment) !== Boolean(media))
    return 'the header says otherwise than it is whether it has a file'
  return media && !(media.directPath && media.mediaKey)
    ? 'the file of the header cannot be fetched'
    : undefined
}

function wrongCards({ cards }: proto.Message.InteractiveMessage.ICarouselMessage): string | undefined {
  const number = cards?.length ?? 0
  if (number < FEWEST_CARDS || number > MOST_CARDS) return `a carousel of ${number} cards`
  for (const [index, card] of (cards ?? []).entries()) {
    const face = card.body?.text || (card.header?.imageMessage ?? card.header?.videoMessage)
    const reason = face
      ? (wrongHeader(card) ?? wrongButtons(card.nativeFlowMessage?.buttons))
      : 'there is neither text nor file'
    if (reason) return `card ${index + 1}: ${reason}`
  }
  return undefined
}

function wrongButtons(buttons: FlowButton[] | null | undefined): string | undefined {
  if (!buttons?.length) return 'there are no buttons'
  return buttons.map(wrongButton).find((reason) => reason !== undefined)
}

function wrongButton({ name, buttonParamsJson }: FlowButton): string | undefined {
  const needed = ownMember(BUTTONS, name ?? '')
  if (!needed) return `phones know no button ${name}`
  const parameters = parametersOf(buttonParamsJson)
  if (!parameters) return `the parameters of ${name} are not a JSON object`
  const wrong = Object.entries(needed).find(([member, isRight]) => !isRight(parameters[member]))
  return wrong && `${name} without a right ${wrong[0]}`
}

/** What the JSON of a button says; undefined when it is no object. */
export function parametersOf(json: string | null | undefined): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(json ?? '')
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isAddress(value: unknown): boolean {
  return typeof value === 'string' && /^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : '')
}

function isFilledList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0
}

function isMoney(value: unknown): boolean {
  return isObject(value) && Number.isSafeInteger(value.value) && Number(value.offset) > 0
}

function isPayable(value: unknown): boolean {
  return Array.isArray(value) && value.some((one) => isObject(one) && isPixCode(one.pix_static_code))
}

function isPixCode(value: unknown): boolean {
  return isObject(value) && [value.merchant_name, value.key, value.key_type].every(isText)
}

function isOrder(value: unknown): boolean {
  if (!isObject(value) || !Array.isArray(value.items) || value.items.length === 0) return false
  return value.items.every(
    (item) => isObject(item) && isText(item.name) && isMoney(item.amount) && Number(item.quantity) > 0,
  )
}
