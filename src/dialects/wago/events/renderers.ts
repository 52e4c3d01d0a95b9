import type { EventRenderers, RenderContext, Rendered, RenderedMedia } from '../../../delivery/renderer.ts'
import type { MessageEvent } from '../../../events/event.ts'
import { contentOf } from '../../../events/message-kinds.ts'
import { messageOf, textAt } from '../../../events/unwrap.ts'
import { detectContentType } from '../../../lib/text/detect-content-type.ts'
import { postmap } from '../../shared/go/postmap.ts'
import { mediaFileName, mediaReference } from '../../shared/whatsmeow/message-file.ts'
import { messageObject } from '../../shared/whatsmeow/message-object.ts'
import { commonRenderers } from '../../shared/whatsmeow/renderers.ts'
import { sealedFields } from '../../shared/whatsmeow/sealed-fields.ts'
import { callFields } from '../shapes/call-shape.ts'
import { untoldEvents } from './names.ts'

/** `Message`, with the votes of a poll, the facts of an order and the file beside it. */
function message(event: MessageEvent, { timeZone, media }: RenderContext): Rendered {
  const { pollVote } = event
  const order = orderOf(event)
  const file = fileOf(event, media)
  const rendered = postmap('Message', messageObject(event, timeZone), {
    ...(pollVote && { decryptVote: pollVote.selectedHashes.map(hex) }),
    ...(order && { orderDetails: order }),
    ...sealedFields(event),
    ...(file &&
      media?.bytes && {
        base64: Buffer.from(media.bytes).toString('base64'),
        fileName: file.fileName,
        mimeType: file.mimeType,
      }),
  })
  return { ...rendered, ...(file && media?.file && { file: { ...file, ...media.file } }) }
}

/** What the file of a message is called, and its type: as its sender says, else by the bytes. */
function fileOf(
  event: MessageEvent,
  media: RenderedMedia | undefined,
): { fileName: string; mimeType: string } | undefined {
  const reference = mediaReference(event)
  const beginning = media?.file?.head ?? media?.bytes
  if (!reference || !beginning) return undefined
  const given = textAt(reference.media, 'fileName')
  return {
    fileName: given || mediaFileName(event.id, reference),
    mimeType: textAt(reference.media, 'mimetype') || detectContentType(beginning),
  }
}

function hex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex')
}

/** What an order says of itself; its items are asked for with its id and token. */
function orderOf(event: MessageEvent): object | undefined {
  const found = contentOf(messageOf(event))
  if (found?.member !== 'orderMessage') return undefined
  const order = found.content
  return {
    OrderId: textAt(order, 'orderId'),
    Token: textAt(order, 'token'),
    Title: textAt(order, 'orderTitle'),
    Text: textAt(order, 'message'),
    SellerJID: textAt(order, 'sellerJid'),
    ItemCount: Number(order?.itemCount ?? 0),
    TotalAmount1000: wholeNumber(order?.totalAmount1000),
    Currency: textAt(order, 'totalCurrencyCode'),
  }
}

/** 64-bit integers stand in events as `{"$int": digits}` where they are beyond 2^53; amounts never are. */
function wholeNumber(value: unknown): number {
  return typeof value === 'number' ? value : 0
}

/** How this dialect writes each event. */
export const eventRenderers: EventRenderers = {
  ...untoldEvents,
  ...commonRenderers,
  message,
  'call.state': (event) => postmap('CallState', callFields({ ...event, id: event.callId })),
}
