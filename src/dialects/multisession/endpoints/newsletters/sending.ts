import { z } from 'zod'
import { type Endpoint, post } from '../../../../http/endpoint/endpoint.ts'
import { file, formNeeded, requiredText, text } from '../../../../http/endpoint/fields.ts'
import { limits } from '../../../../lib/limits.ts'
import { sendText } from '../../../../operations/messages/send.ts'
import { sendDocument, sendImage, sendVideo } from '../../../../operations/messages/send-media.ts'
import { channel } from '../../shapes/addresses.ts'
import { asked } from '../../shapes/asked.ts'
import { NO_FILE, requireUpload } from '../../shapes/pictures.ts'
import { sent } from '../../shapes/sent-shape.ts'

const named = z.object({ jid: channel })
const withFile = z.object({ file: file().meta(formNeeded), caption: text() })

const fileFailures = { thumbnail: 'the file is not an image that can be read: %s' }

export const postingEndpoints: Endpoint[] = [
  post('/newsletters/{jid}/messages', {
    summary: 'Post a text in an own channel',
    needs: 'stored',
    params: named,
    body: z.object({ text: requiredText('text is required') }),
    repeatable: 'message',
    run: asked(sendText),
    input: ({ params, body }) => ({ to: params.jid, text: body.text }),
    reply: sent('Success send newsletter message'),
  }),

  post('/newsletters/{jid}/images', {
    summary: 'Post an image in an own channel',
    needs: 'stored',
    undecodable: NO_FILE,
    params: named,
    body: withFile,
    repeatable: 'message',
    run: asked(sendImage),
    input: ({ params, body }) => ({
      to: params.jid,
      file: requireUpload(body.file),
      caption: body.caption,
    }),
    reply: sent('Success send newsletter image'),
    failure: fileFailures,
  }),

  post('/newsletters/{jid}/videos', {
    summary: 'Post a video in an own channel',
    needs: 'stored',
    undecodable: NO_FILE,
    params: named,
    body: withFile,
    repeatable: 'message',
    run: asked(sendVideo),
    input: ({ params, body }) => ({
      to: params.jid,
      file: requireUpload(body.file),
      caption: body.caption,
    }),
    reply: sent('Success send newsletter video'),
  }),

  post('/newsletters/{jid}/documents', {
    summary: 'Post a file in an own channel',
    needs: 'stored',
    undecodable: NO_FILE,
    params: named,
    body: withFile.extend({
      filename: text(limits.fileName).describe('The name of the uploaded file when empty'),
    }),
    repeatable: 'message',
    run: asked(sendDocument),
    input: ({ params, body }) => {
      const upload = requireUpload(body.file)
      const fileName = body.filename || upload.fileName.slice(0, limits.fileName.max) || 'document'
      return { to: params.jid, file: upload, fileName, caption: body.caption }
    },
    reply: sent('Success send newsletter document'),
  }),
]
