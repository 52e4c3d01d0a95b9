import type { MoodyReceiver } from './moody-receiver.ts'

/** What became of the messages to one receiver. */
export interface WebhookFigures {
  sent: number
  lost: number
  repeated: number
  underTwoIds: number
  outOfOrder: number
  notRepeated: number
}

/** Compares what contacts wrote, a list for each session, with what arrived. */
export function judgeWebhooks(receiver: MoodyReceiver, fromContacts: string[][]): WebhookFigures {
  const idsByText = new Map<string, Set<string>>()
  const firstArrivals: string[] = []
  for (const { id, text } of receiver.accepted) {
    if (!idsByText.has(text)) firstArrivals.push(text)
    idsByText.set(text, (idsByText.get(text) ?? new Set()).add(id))
  }
  const expected = fromContacts.flat()
  return {
    sent: expected.length,
    lost: expected.filter((text) => !idsByText.has(text)).length,
    repeated: receiver.accepted.length - firstArrivals.length,
    underTwoIds: [...idsByText.values()].filter((ids) => ids.size > 1).length,
    outOfOrder: fromContacts.filter((texts) => {
      const mine = new Set(texts)
      return !isInOrder(firstArrivals.filter((text) => mine.has(text)))
    }).length,
    notRepeated: receiver.notRepeated,
  }
}

/** Whether texts that end in their number come in ascending order. */
export function isInOrder(texts: string[]): boolean {
  return texts.every((text, index) => index === 0 || numberOf(text) > numberOf(texts[index - 1] ?? ''))
}

const numberOf = (text: string) => Number(text.split('-').at(-1))
