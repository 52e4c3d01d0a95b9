import { normalizeMessageContent, type proto } from '../../whatsapp/library/engine.ts'
import type { Content } from '../content/words.ts'
import { parametersOf } from './shown.ts'

/** What somebody touches of a message on the screen. */
export interface Press {
  /** Label or id of a button, or title or id of a row; where the phone names a button itself, WhatsApp's name for it. */
  button: string
  /** On which card, from 1. */
  card?: number
  /** Where the person is, for whoever asks for a place. */
  place?: { latitude: number; longitude: number }
}

/** Somewhere in the middle of São Paulo. */
const SOMEWHERE = { latitude: -23.5505, longitude: -46.6333 }

/**
 * What a phone sends when somebody presses a button; undefined where it only opens or copies something.
 * @throws Error when the message has no such button.
 */
export function answerTo(message: proto.IMessage, press: Press): Content | undefined {
  const content = normalizeMessageContent(message) ?? message
  if (content.listMessage) return rowAnswer(content.listMessage, press.button)
  const { carouselMessage, nativeFlowMessage } = content.interactiveMessage ?? {}
  const card = carouselMessage?.cards?.[(press.card ?? 1) - 1]
  const buttons = (card?.nativeFlowMessage ?? nativeFlowMessage)?.buttons ?? []
  for (const { name, buttonParamsJson } of buttons) {
    const { display_text: label, id } = parametersOf(buttonParamsJson) ?? {}
    if ([label, id, name].includes(press.button)) return buttonAnswer(name ?? '', { label, id }, press)
  }
  throw new Error(`the message has no button ${press.button}`)
}

function buttonAnswer(
  name: string,
  { label, id }: { label: unknown; id: unknown },
  { place = SOMEWHERE }: Press,
): Content | undefined {
  if (name === 'send_location') return { location: place }
  if (name !== 'quick_reply') return undefined
  return { flowReply: { name, text: String(label), params: { id } } }
}

function rowAnswer({ sections }: proto.Message.IListMessage, pressed: string): Content {
  const rows = (sections ?? []).flatMap((section) => section.rows ?? [])
  const row = rows.find(({ rowId, title }) => [rowId, title].includes(pressed))
  if (!row) throw new Error(`the list has no row ${pressed}`)
  const { title, description, rowId } = row
  return {
    listReply: { row: rowId ?? '', title: title ?? '', description: description ?? undefined },
  }
}
