import { z } from 'zod'
import type { JsonObject } from '../../../../events/event-parts.ts'
import { del, type Endpoint, get, post } from '../../../../http/endpoint/endpoint.ts'
import { bool, file, formNeeded, text } from '../../../../http/endpoint/fields.ts'
import { limits } from '../../../../lib/limits.ts'
import {
  acceptTerms,
  createNewsletter,
  followedNewsletters,
  inviteCodeIn,
  joinNewsletter,
  leaveNewsletter,
  muteNewsletter,
  type NewsletterKey,
  newsletterInfo,
  setNewsletterPicture,
} from '../../../../operations/channels/newsletters.ts'
import { answer, done } from '../../envelope.ts'
import { channel } from '../../shapes/addresses.ts'
import { asked } from '../../shapes/asked.ts'
import { required } from '../../shapes/fields.ts'
import {
  newsletterFields,
  newsletterName,
  newsletterNameShape,
  newsletterShape,
} from '../../shapes/newsletter-shape.ts'
import { NO_FILE, pictureFailures, requireUpload } from '../../shapes/pictures.ts'

const refusals = {
  404: 'newsletter not found',
  403: 'this account may not do that in this newsletter',
}

const named = z.object({ jid: channel })

export const newsletterEndpoints: Endpoint[] = [
  get('/newsletters', {
    summary: 'List the channels the account follows',
    needs: 'stored',
    run: asked(followedNewsletters, refusals),
    reply: answer('Success get subscribed newsletters', z.array(newsletterShape), (found: JsonObject[]) =>
      found.map(newsletterFields),
    ),
  }),

  post('/newsletters', {
    summary: 'Create a channel',
    needs: 'stored',
    body: z.object({
      name: required('name', limits.channelName),
      description: text(limits.channelDescription),
    }),
    run: asked(createNewsletter, refusals),
    input: ({ body }) => ({ ...body, picture: new Uint8Array() }),
    reply: answer('Success create newsletter', newsletterNameShape, newsletterName),
  }),

  get('/newsletters/invite/{code}', {
    summary: 'Describe the channel that an invitation leads to: its code, or the whole link percent-encoded',
    needs: 'stored',
    params: z.object({ code: text(limits.url) }),
    run: asked(newsletterInfo, refusals),
    input: ({ params }): NewsletterKey => ({ type: 'INVITE', key: inviteCodeIn(params.code) }),
    reply: answer('Success get newsletter info from invite', newsletterShape, newsletterFields),
  }),

  post('/newsletters/tos/accept', {
    summary: "Accept WhatsApp's terms",
    needs: 'stored',
    body: z.object({
      notice_id: required('notice_id', limits.name),
      stage: required('stage', limits.name),
    }),
    run: asked(acceptTerms),
    input: ({ body }) => ({ id: body.notice_id, stage: body.stage }),
    reply: done('Success accept TOS notice'),
  }),

  get('/newsletters/{jid}', {
    summary: 'Describe a channel, followed or not',
    needs: 'stored',
    params: named,
    run: asked(newsletterInfo, refusals),
    input: ({ params }): NewsletterKey => ({ type: 'JID', key: params.jid }),
    reply: answer('Success get newsletter info', newsletterShape, newsletterFields),
  }),

  post('/newsletters/{jid}/follow', {
    summary: 'Follow a channel',
    needs: 'stored',
    params: named,
    run: asked(joinNewsletter, refusals),
    input: ({ params }) => params.jid,
    reply: done('Success follow newsletter'),
  }),

  del('/newsletters/{jid}/follow', {
    summary: 'Stop following a channel',
    needs: 'stored',
    params: named,
    run: asked(leaveNewsletter, refusals),
    input: ({ params }) => params.jid,
    reply: done('Success unfollow newsletter'),
  }),

  post('/newsletters/{jid}/mute', {
    summary: 'Turn the notifications of a channel off or on',
    needs: 'stored',
    params: named,
    body: z.object({ mute: bool() }),
    run: asked(muteNewsletter, refusals),
    input: ({ params, body }) => ({ jid: params.jid, mute: body.mute }),
    reply: done('Success toggle newsletter mute'),
  }),

  post('/newsletters/{jid}/photo', {
    summary: 'Give an own channel another picture',
    needs: 'stored',
    undecodable: NO_FILE,
    params: named,
    body: z.object({ file: file().meta(formNeeded) }),
    run: asked(setNewsletterPicture, refusals),
    input: ({ params, body }) => ({ jid: params.jid, picture: requireUpload(body.file) }),
    reply: done('Success update newsletter photo'),
    failure: pictureFailures,
  }),
]
