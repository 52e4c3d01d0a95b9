import { z } from 'zod'
import { setting } from './setting.ts'
import { bool, toMilliseconds } from './values.ts'

const LONGEST_MS = 5 * 60_000

/** `500ms`, `2s`, `1.5s`; yields milliseconds. */
const pause = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m)$/, 'must be a time such as 500ms or 2s')
  .transform(toMilliseconds)
  .pipe(z.number().max(LONGEST_MS, 'must not be longer than 5m'))

/** How the dialect multisession paces what it sends, under the names its document gives these settings. */
export const multisessionPaceSettings = {
  onlineWhileSending: setting(['WHATSAPP_AUTO_PRESENCE_ENABLED'], bool.default(true), {
    help: 'multisession: show the account online while a message is sent',
  }),
  typingBeforeSending: setting(['WHATSAPP_AUTO_TYPING_ENABLED'], bool.default(true), {
    help: 'multisession: show that a message is typed before it is sent',
  }),
  typingMinMs: setting(['WHATSAPP_TYPING_DELAY_MIN'], pause.default(1_000), {
    help: 'multisession: shortest time of typing',
  }),
  typingMaxMs: setting(['WHATSAPP_TYPING_DELAY_MAX'], pause.default(3_000), {
    help: 'multisession: longest time of typing',
  }),
  readJitter: setting(['WHATSAPP_READ_RECEIPT_JITTER_ENABLED'], bool.default(true), {
    help: 'multisession: wait a moment before a message is marked read',
  }),
  readMinMs: setting(['WHATSAPP_READ_RECEIPT_DELAY_MIN'], pause.default(500), {
    help: 'multisession: shortest such moment',
  }),
  readMaxMs: setting(['WHATSAPP_READ_RECEIPT_DELAY_MAX'], pause.default(2_000), {
    help: 'multisession: longest such moment',
  }),
}
