import { z } from 'zod'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { bytes, text, unsigned } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { postImageStatus, postTextStatus, postVideoStatus } from '../../../operations/messages/post-status.ts'
import { required, requiredMedia } from '../shapes/fields.ts'
import { id } from '../shapes/message-fields.ts'
import { sent } from '../shapes/replies.ts'
import { mediaFailures } from './send-media.ts'

const LARGEST_COLOUR = 0xffffffff
const NO_COLOUR = `a colour is a whole number from 0 to ${LARGEST_COLOUR}`

const colour = z.int().min(0, NO_COLOUR).max(LARGEST_COLOUR, NO_COLOUR).optional()

export const statusEndpoints: Endpoint[] = [
  post('/status/text', {
    summary: 'Post a text as a status',
    body: z.object({
      Text: required('Text', limits.textStatus),
      TextColor: colour.describe('ARGB: 4294967295 is white'),
      BackgroundColor: colour.describe('ARGB: 4285408638 is violet'),
      Font: unsigned(),
      Id: id,
    }),
    run: postTextStatus,
    repeatable: 'message',
    input: ({ body }) => ({
      id: body.Id,
      text: body.Text,
      textColor: body.TextColor,
      backgroundColor: body.BackgroundColor,
      font: body.Font,
    }),
    reply: sent,
  }),

  post('/status/image', {
    summary: 'Post a picture as a status',
    body: z.object({ Image: requiredMedia('Image'), Caption: text(), Id: id }),
    run: postImageStatus,
    repeatable: 'message',
    input: ({ body }) => ({ id: body.Id, file: body.Image, caption: body.Caption }),
    reply: sent,
    failure: mediaFailures,
  }),

  post('/status/video', {
    summary: 'Post a video as a status',
    body: z.object({
      Video: requiredMedia('Video'),
      Caption: text(),
      JpegThumbnail: bytes(limits.thumbnail).describe('Preview; the first picture when empty'),
      Id: id,
    }),
    run: postVideoStatus,
    repeatable: 'message',
    input: ({ body }) => ({
      id: body.Id,
      file: body.Video,
      caption: body.Caption,
      thumbnail: body.JpegThumbnail,
    }),
    reply: sent,
    failure: mediaFailures,
  }),
]
