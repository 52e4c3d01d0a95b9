import { z } from 'zod'
import { textAt } from '../../../../events/unwrap.ts'
import { del, type Endpoint, get, post } from '../../../../http/endpoint/endpoint.ts'
import { integer, text, textUpTo } from '../../../../http/endpoint/fields.ts'
import { ApiError } from '../../../../lib/errors.ts'
import type { Upload } from '../../../../lib/file-input.ts'
import { STATUS_JID } from '../../../../lib/jid.ts'
import { limits } from '../../../../lib/limits.ts'
import { requirePerson } from '../../../../operations/chats/known-chats.ts'
import { type UserInfo, userInfo } from '../../../../operations/contacts/user-info.ts'
import {
  fontOrPlain,
  postImageStatus,
  postTextStatus,
  postVideoStatus,
  type VideoStatus,
} from '../../../../operations/messages/post-status.ts'
import { deleteMessage } from '../../../../operations/messages/stored-changes.ts'
import { type ChatMessage, chatMessages } from '../../../../operations/messages/stored-messages.ts'
import type { UserScope } from '../../../../operations/services.ts'
import type { Sent } from '../../../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../../../whatsapp/session/session.ts'
import { answer, done } from '../../envelope.ts'
import { personAskedAbout } from '../../shapes/chat-address.ts'
import { live } from '../../shapes/live.ts'
import { checked, fileFailures, fileRules, videoTypeOf } from '../../shapes/media-rules.ts'
import { messageFields, messageShape } from '../../shapes/message-shape.ts'
import { sent } from '../../shapes/sent-shape.ts'
import { upload } from '../../shapes/upload-field.ts'

const DAY_SECONDS = 24 * 3600
/** As many posts as anybody looks through. */
const MAX_POSTS = 500

const undecodable = 'Failed parse body request'

/** A post as the caller describes it. */
interface Post {
  text: string
  background: string
  font: number
  file?: Upload
  caption: string
  type: string
  /** Id of the message. */
  id?: string
}

const withImage = checked(fileRules.image, postImageStatus)
const withVideo = checked(fileRules.video, (session: LiveSession, video: VideoStatus, fileType) =>
  postVideoStatus(session, { ...video, mimeType: videoTypeOf(fileType, video.file) }),
)

function postStatus(
  session: LiveSession,
  { text, background, font, file, caption, type, id }: Post,
): Promise<Sent> {
  if (!file)
    return postTextStatus(session, {
      id,
      text,
      font: fontOrPlain(font),
      ...colourOf(background),
    })
  return type === 'video'
    ? withVideo(session, { id, file, caption })
    : withImage(session, { id, file, caption })
}

/** `#RRGGBB`, the sign may be absent; any other text is no colour, as in the original. */
function colourOf(written: string): { backgroundColor?: number } {
  const [, rgb] = /^#?([0-9a-f]{6})$/i.exec(written) ?? []
  return rgb === undefined ? {} : { backgroundColor: 0xff000000 + Number.parseInt(rgb, 16) }
}

/** The posts of the last day, which is how long people see them; newest first. */
async function recentPosts(scope: UserScope): Promise<ChatMessage[]> {
  const since = Date.now() / 1000 - DAY_SECONDS
  const posts = await chatMessages(scope, { chat: STATUS_JID, limit: MAX_POSTS })
  return posts.filter(({ event }) => event.timestamp >= since).toReversed()
}

/** What one person shows of itself. Throws `not_on_whatsapp`. */
async function aboutPerson(session: LiveSession, jid: string): Promise<UserInfo[]> {
  await requirePerson(session, jid)
  return userInfo(session, [jid])
}

const { message_id: _id, ...listed } = messageShape.shape

const publish = live(postStatus)
const about = live(aboutPerson)

export const statusEndpoints: Endpoint[] = [
  post('/status', {
    summary: 'Post a text, an image or a video as a status',
    needs: 'stored',
    undecodable,
    body: z.object({
      text: text(limits.textStatus),
      background_color: text(limits.name).describe('Of a text: #RRGGBB'),
      font: integer(),
      file: upload,
      caption: text(),
      type: text(limits.name).meta({ enum: ['image', 'video'] }),
    }),
    run: publish,
    repeatable: 'message',
    input: ({ body }) => {
      const { text, background_color: background, font, file, caption, type } = body
      if (!file && text.trim() === '') {
        const isMedia = caption !== '' || type !== ''
        throw new ApiError('missing_field', {
          text: isMedia ? 'file is required for media status' : 'text is required',
        })
      }
      return { text, background, font, file, caption, type }
    },
    reply: sent('Success post status'),
    failure: fileFailures,
  }),

  get('/status', {
    summary: 'List the status posts of the last day that this server has seen, newest first',
    needs: 'stored',
    run: recentPosts,
    reply: answer(
      'Success get status updates',
      z.array(z.object({ status_id: z.string(), ...listed })),
      (posts: ChatMessage[]) =>
        posts.map((post) => {
          const { message_id, ...rest } = messageFields(post)
          return { status_id: message_id, ...rest }
        }),
    ),
  }),

  del('/status/{status_id}', {
    summary: 'Delete an own status post',
    needs: 'stored',
    params: z.object({ status_id: textUpTo(limits.messageId, z.string()) }),
    run: deleteMessage,
    repeatable: 'change',
    input: ({ params }) => ({
      chat: STATUS_JID,
      id: params.status_id,
      fromMe: true,
      everyone: true,
      deleteMedia: false,
    }),
    reply: done('Success delete status'),
  }),

  get('/status/{user_jid}', {
    summary: 'Show what somebody says about itself',
    needs: 'stored',
    params: z.object({ user_jid: textUpTo(limits.address, z.string()) }),
    run: about,
    input: ({ params }) => personAskedAbout(params.user_jid),
    reply: answer(
      'Success get user status',
      z.array(
        z.object({
          jid: z.string(),
          picture_id: z.string(),
          status: z.string(),
          verified_name: z.string().nullable().describe('Of a business'),
        }),
      ),
      (people: UserInfo[]) =>
        people.map(({ jid, pictureId, about, verifiedName }) => ({
          jid,
          picture_id: pictureId,
          status: about,
          verified_name: textAt(verifiedName?.details, 'verifiedName') || null,
        })),
    ),
  }),
]
