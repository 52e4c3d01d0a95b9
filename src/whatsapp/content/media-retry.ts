import { hasMembers, type MessageRef, messageKey } from '../../lib/message-ref.ts'
import {
  type BinaryNode,
  decodeMediaRetryNode,
  decryptMediaRetryData,
  encryptMediaRetryRequest,
  proto,
} from '../library/engine.ts'
import type { LiveSession } from '../session/session.ts'

const NOTIFICATION = 'CB:notification,type:mediaretry'
/** The phone may be asleep and has to upload the file first. */
const TIMEOUT_MS = 30_000

/** What the phone says to a request for a file. */
export interface UploadAnswer {
  /** The new direct path; absent when it has the file no more, or does not answer. */
  directPath?: string
  hasAnswered: boolean
}

/**
 * Asks the phone to upload the file of a message again, and waits for its answer, so many milliseconds at most. Throws
 * ApiError without an open session.
 */
export function askForUpload(
  session: LiveSession,
  {
    message,
    mediaKey,
    patienceMs = TIMEOUT_MS,
  }: { message: MessageRef; mediaKey: Uint8Array; patienceMs?: number },
): Promise<UploadAnswer> {
  return session.call(async (socket) => {
    const answers = listenFor(message.id, mediaKey, patienceMs)
    socket.ws.on(NOTIFICATION, answers.hear)
    try {
      await socket.sendNode(requestFor(session, message, mediaKey))
      return await answers.first
    } finally {
      answers.stop()
      socket.ws.off(NOTIFICATION, answers.hear)
    }
  })
}

/** Asks the phone the same and does not wait: the answer comes as an event. Throws ApiError without an open session. */
export function requestUpload(
  session: LiveSession,
  message: MessageRef,
  mediaKey: Uint8Array,
): Promise<void> {
  return session.call((socket) => socket.sendNode(requestFor(session, message, mediaKey)))
}

function requestFor(session: LiveSession, message: MessageRef, mediaKey: Uint8Array): BinaryNode {
  const { chat, author } = message
  // Unlike other requests, this one names the author of own messages, too, and with the device.
  const key = { ...messageKey(message), participant: hasMembers(chat) ? author : undefined }
  return encryptMediaRetryRequest(key, mediaKey, session.me.pn)
}

function listenFor(id: string, mediaKey: Uint8Array, patienceMs: number) {
  const { promise, resolve } = withResolver<UploadAnswer>()
  const timer = setTimeout(() => resolve({ hasAnswered: false }), patienceMs)
  timer.unref()
  return {
    first: promise,
    hear: (notification: BinaryNode) => {
      if (notification.attrs.id === id)
        resolve({ directPath: newPath(notification, { id, mediaKey }), hasAnswered: true })
    },
    stop: () => clearTimeout(timer),
  }
}

/** What the phone's answer says; undefined when it is a refusal or cannot be read. */
function newPath(
  notification: BinaryNode,
  { id, mediaKey }: { id: string; mediaKey: Uint8Array },
): string | undefined {
  try {
    const { media, error } = decodeMediaRetryNode(notification)
    if (error || !media) return undefined
    const { result, directPath } = decryptMediaRetryData(media, mediaKey, id)
    const isThere = result === proto.MediaRetryNotification.ResultType.SUCCESS
    return (isThere && directPath) || undefined
  } catch {
    // Whoever wrote it, it is no answer that helps.
    return undefined
  }
}

function withResolver<Value>() {
  let resolve: (value: Value) => void = () => {}
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
