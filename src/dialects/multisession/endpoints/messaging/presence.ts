import { z } from 'zod'
import { type Endpoint, patch, post } from '../../../../http/endpoint/endpoint.ts'
import { text } from '../../../../http/endpoint/fields.ts'
import { ApiError } from '../../../../lib/errors.ts'
import { limits } from '../../../../lib/limits.ts'
import { setDefaultDisappearingTimer } from '../../../../operations/account/privacy.ts'
import { quietly } from '../../../../operations/chats/lead-in.ts'
import { setChatPresence, setPresence, subscribePresence } from '../../../../operations/chats/presence.ts'
import type { UserScope } from '../../../../operations/services.ts'
import { done } from '../../envelope.ts'
import { address, chatJidOf, chatPath, oneOf, requireAddress } from '../../shapes/chat-address.ts'
import { live } from '../../shapes/live.ts'
import { secondsOf, timer } from '../../shapes/timer-field.ts'

// WhatsApp answers neither of the first two, and the original tells nobody whether they were sent.

/** What a chat is to be shown, in the caller's words. */
interface ShownState {
  chat: string
  state: string
  media: string
}

const STATES = ['composing', 'paused']

/** Shows a chat what the account does; what is no chat or no state is shown to nobody. */
async function showState({ user, services }: UserScope, { chat, state, media }: ShownState): Promise<void> {
  if (!STATES.includes(state)) return
  await quietly(async () =>
    setChatPresence(services.sessions.live(user.id), {
      chat: chatJidOf(chat),
      state,
      media: state === 'composing' && media === 'audio' ? media : '',
    }),
  )
}

async function showPresence(
  { user, services }: UserScope,
  presence: 'available' | 'unavailable',
): Promise<void> {
  await quietly(async () => setPresence(services.sessions.live(user.id), presence))
}

function subscribable(given: string): string {
  const jid = chatJidOf(requireAddress(given, 'jid is required'))
  if (jid.endsWith('@g.us')) throw new ApiError('invalid_field', { text: 'jid must name a person' })
  return jid
}

export const presenceEndpoints: Endpoint[] = [
  post('/chats/{chat_jid}/presence', {
    summary: 'Show that you are typing, recording or have stopped',
    needs: 'stored',
    params: chatPath,
    body: z.object({
      state: text(limits.name).meta({ enum: ['composing', 'paused'] }),
      presence_type: text(limits.name).describe('The same'),
      presencetype: text(limits.name),
      media: text(limits.name).describe('audio while recording'),
      media_type: text(limits.name).describe('The same'),
      mediatype: text(limits.name),
    }),
    power: 'send',
    run: showState,
    input: ({ params, body }) => ({
      chat: params.chat_jid,
      state: oneOf(body.state, body.presence_type, body.presencetype),
      media: oneOf(body.media, body.media_type, body.mediatype),
    }),
    reply: done('Success send presence'),
  }),

  post('/presence/status', {
    summary: 'Show the account online, or offline',
    needs: 'stored',
    body: z.object({ status: text(limits.name).describe('available; anything else is offline') }),
    run: showPresence,
    input: ({ body }) => (body.status === 'available' ? 'available' : 'unavailable'),
    reply: done('Success update presence status'),
  }),

  post('/presence/subscribe', {
    summary: 'Have it told when somebody comes online',
    needs: 'stored',
    body: z.object({ jid: address }),
    run: live(subscribePresence),
    input: ({ body }) => subscribable(body.jid.trim()),
    reply: done('Successfully subscribed to presence updates'),
  }),

  patch('/users/me/disappearing-timer', {
    summary: 'Let messages of new chats disappear',
    needs: 'stored',
    body: z.object({ timer }),
    run: live(setDefaultDisappearingTimer),
    input: ({ body }) => secondsOf(body.timer),
    reply: done('Success set default disappearing timer'),
  }),
]
