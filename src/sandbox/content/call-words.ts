import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { proto } from '../../whatsapp/library/engine.ts'
import { word } from './word.ts'

const { CallType } = proto.Message.ScheduledCallCreationMessage
const { EditType } = proto.Message.ScheduledCallEditMessage
const { CallOutcome } = proto.Message.CallLogMessage
const OUTCOMES = {
  connected: CallOutcome.CONNECTED,
  missed: CallOutcome.MISSED,
  failed: CallOutcome.FAILED,
  rejected: CallOutcome.REJECTED,
  ongoing: CallOutcome.ONGOING,
}
const SCHEDULED_MESSAGE = 1

/** Calls that were or will be, and messages that are opened later. */
export const callWords = {
  scheduledCall: word(
    z.object({
      title: z.string(),
      /** Unix seconds. */
      at: z.int(),
      video: z.boolean().default(false),
    }),
    ({ title, at, video }) => ({
      scheduledCallCreationMessage: {
        scheduledTimestampMs: at * 1000,
        callType: video ? CallType.VIDEO : CallType.VOICE,
        title,
      },
    }),
  ),
  /** The id of the scheduled call that will not be. */
  cancelScheduledCall: word(z.string(), (id, { keyOf }) => ({
    scheduledCallEditMessage: { key: keyOf(id), editType: EditType.CANCEL },
  })),
  /** What a chat shows of a call. */
  callLog: word(
    z.object({
      video: z.boolean().default(false),
      outcome: z.enum(['connected', 'missed', 'failed', 'rejected', 'ongoing']).default('missed'),
      seconds: z.int().nonnegative().optional(),
    }),
    ({ video, outcome, seconds }, { account }) => ({
      callLogMesssage: {
        isVideo: video,
        callOutcome: OUTCOMES[outcome],
        durationSecs: seconds,
        callType: proto.Message.CallLogMessage.CallType.REGULAR,
        participants: [{ jid: account.lidJid(), callOutcome: OUTCOMES[outcome] }],
      },
    }),
  ),
  /** A message that was sent ahead of time; its key comes when it may be read, which is not simulated. */
  conditionalReveal: word(z.literal(true), () => ({
    conditionalRevealMessage: {
      encPayload: randomBytes(64),
      encIv: randomBytes(12),
      conditionalRevealMessageType: SCHEDULED_MESSAGE,
      revealKeyId: randomBytes(8).toString('hex'),
    },
  })),
}
