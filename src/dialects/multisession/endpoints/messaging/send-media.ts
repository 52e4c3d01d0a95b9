import { z } from 'zod'
import { type Endpoint, post } from '../../../../http/endpoint/endpoint.ts'
import { text } from '../../../../http/endpoint/fields.ts'
import { nameOfUpload } from '../../../../lib/file-input.ts'
import { limits } from '../../../../lib/limits.ts'
import {
  type AudioMessage,
  sendAudio,
  sendDocument,
  sendImage,
  sendSticker,
  sendVideo,
  type VideoMessage,
} from '../../../../operations/messages/send-media.ts'
import type { Sent } from '../../../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../../../whatsapp/session/session.ts'
import { chatOf, chatPath } from '../../shapes/chat-address.ts'
import { sending } from '../../shapes/in-chat.ts'
import { formSimulation, simulationOf } from '../../shapes/manner-fields.ts'
import { audioTypeOf, checked, fileFailures, fileRules, videoTypeOf } from '../../shapes/media-rules.ts'
import { formMentions, mentionsOf } from '../../shapes/mention-fields.ts'
import { sent } from '../../shapes/sent-shape.ts'
import { flag, requiredUpload } from '../../shapes/upload-field.ts'

const caption = text().describe('Text below it')
const viewOnce = flag.describe('Whoever gets it can look at it once')

const undecodable = 'file is required'
const file = requiredUpload(undecodable)
const noSticker = 'file is required (must be WebP format)'

/** What clients declare is often wrong, and phones do not play what has a wrong type. */
function sendTrueAudio(session: LiveSession, audio: AudioMessage, type: string): Promise<Sent> {
  return sendAudio(session, { ...audio, mimeType: audioTypeOf(type, audio.isVoice) })
}

function sendTrueVideo(session: LiveSession, video: VideoMessage, type: string): Promise<Sent> {
  return sendVideo(session, { ...video, mimeType: videoTypeOf(type, video.file) })
}

const asImage = sending(checked(fileRules.image, sendImage))
const asVideo = sending(checked(fileRules.video, sendTrueVideo))
const asAudio = sending(checked(fileRules.audio, sendTrueAudio))
const asSticker = sending(checked(fileRules.sticker, sendSticker))
const asDocument = sending(checked(fileRules.document, sendDocument))

export const sendMediaEndpoints: Endpoint[] = [
  post('/chats/{chat_jid}/images', {
    summary: 'Send an image',
    needs: 'stored',
    undecodable,
    params: chatPath,
    body: z.object({ file, caption, view_once: viewOnce, ...formMentions, ...formSimulation }),
    run: asImage,
    repeatable: 'message',
    input: ({ params, body }) => ({
      to: chatOf(params.chat_jid),
      file: body.file,
      caption: body.caption,
      ...mentionsOf(body),
      viewOnce: body.view_once,
      manner: simulationOf(body),
    }),
    reply: sent('Success send image'),
    failure: fileFailures,
  }),

  post('/chats/{chat_jid}/videos', {
    summary: 'Send a video',
    needs: 'stored',
    undecodable,
    params: chatPath,
    body: z.object({ file, caption, view_once: viewOnce, ...formMentions, ...formSimulation }),
    run: asVideo,
    repeatable: 'message',
    input: ({ params, body }) => ({
      to: chatOf(params.chat_jid),
      file: body.file,
      caption: body.caption,
      ...mentionsOf(body),
      viewOnce: body.view_once,
      manner: simulationOf(body),
    }),
    reply: sent('Success send video'),
    failure: fileFailures,
  }),

  post('/chats/{chat_jid}/audio', {
    summary: 'Send an audio file or a voice message',
    needs: 'stored',
    undecodable,
    params: chatPath,
    body: z.object({
      file,
      voice_note: flag.describe('A voice message, which is converted to Opus where needed'),
      ptt: flag.describe('The same'),
      ...formSimulation,
    }),
    run: asAudio,
    repeatable: 'message',
    input: ({ params, body }) => ({
      to: chatOf(params.chat_jid),
      file: body.file,
      isVoice: body.voice_note || body.ptt,
      manner: { ...simulationOf(body), recording: true },
    }),
    reply: sent('Success send audio'),
    failure: fileFailures,
  }),

  post('/chats/{chat_jid}/stickers', {
    summary: 'Send a sticker; other images are converted to WebP',
    needs: 'stored',
    undecodable: noSticker,
    params: chatPath,
    body: z.object({ file: requiredUpload(noSticker), ...formSimulation }),
    run: asSticker,
    repeatable: 'message',
    input: ({ params, body }) => ({
      to: chatOf(params.chat_jid),
      file: body.file,
      manner: simulationOf(body),
    }),
    reply: sent('Success send sticker'),
    failure: fileFailures,
  }),

  post('/chats/{chat_jid}/documents', {
    summary: 'Send a document',
    needs: 'stored',
    undecodable,
    params: chatPath,
    body: z.object({
      file,
      filename: text(limits.fileName).describe('The name the recipient sees; that of the file when empty'),
      caption,
      ...formMentions,
      ...formSimulation,
    }),
    run: asDocument,
    repeatable: 'message',
    input: ({ params, body }) => ({
      to: chatOf(params.chat_jid),
      file: body.file,
      fileName: body.filename || nameOfUpload(body.file),
      caption: body.caption,
      ...mentionsOf(body),
      manner: simulationOf(body),
    }),
    reply: sent('Success send document'),
    failure: fileFailures,
  }),
]
