import { z } from 'zod'
import type { PrivacySettings } from '../../../../events/event-parts.ts'
import { del, type Endpoint, get, post, reply } from '../../../../http/endpoint/endpoint.ts'
import { optional, text } from '../../../../http/endpoint/fields.ts'
import { limits } from '../../../../lib/limits.ts'
import { readPrivacy } from '../../../../operations/account/privacy.ts'
import {
  removeOwnPicture,
  setAbout,
  setOwnPicture,
  setPushName,
} from '../../../../operations/account/profile.ts'
import { setPresence, subscribePresence } from '../../../../operations/chats/presence.ts'
import type { LiveSession } from '../../../../whatsapp/session/session.ts'
import { stateName } from '../../events/session-state.ts'
import { oneOf } from '../../shapes/aliases.ts'
import { person, required } from '../../shapes/fields.ts'
import { picture, pictureFailures } from '../../shapes/picture.ts'
import { privacyShape } from '../../shapes/privacy-shape.ts'
import { accepted, done, result } from '../../shapes/replies.ts'

function stateOf({ status }: LiveSession): string | null {
  return stateName(status)
}

export const clientProfileEndpoints: Endpoint[] = [
  get('/client/getState/{id}', {
    summary: 'State of the connection',
    power: 'any',
    run: stateOf,
    reply: reply(z.object({ state: z.string().nullable() }), (state: string | null) => ({ state })),
  }),

  post('/client/setProfilePicture/{id}', {
    summary: 'Give the account a profile picture',
    body: z.object({
      pictureMimetype: text(limits.mimeType).describe('Not needed: its own bytes say the type'),
      pictureData: picture('pictureData'),
    }),
    run: setOwnPicture,
    input: ({ body }) => body.pictureData,
    reply: done,
    failure: pictureFailures('pictureData'),
  }),

  del('/client/deleteProfilePicture/{id}', {
    summary: 'Leave the account without a profile picture',
    run: removeOwnPicture,
    reply: done,
  }),

  post('/client/setStatus/{id}', {
    summary: 'Set the "about" text of the account',
    body: z.object({ status: required('status', limits.about) }),
    run: setAbout,
    input: ({ body }) => body.status,
    reply: accepted,
  }),

  post('/client/setPushName/{id}', {
    summary: 'Set the name the account shows to people who do not know it',
    body: z.object({
      pushName: optional(text(limits.pushName)),
      displayName: optional(text(limits.pushName)).describe('The same by its name in wwebjs-api'),
    }),
    run: setPushName,
    input: ({ body }) => oneOf('pushName', body.pushName || undefined, body.displayName || undefined),
    reply: done,
  }),

  post('/client/sendPresenceAvailable/{id}', {
    summary: 'Show the account as online',
    run: setPresence,
    input: () => 'available' as const,
    reply: accepted,
  }),

  post('/client/sendPresenceUnavailable/{id}', {
    summary: 'Show the account as offline',
    run: setPresence,
    input: () => 'unavailable' as const,
    reply: accepted,
  }),

  post('/client/subscribePresence/{id}', {
    summary: 'Ask for presence events of a person',
    body: z.object({ contactId: person('contactId') }),
    run: subscribePresence,
    input: ({ body }) => body.contactId,
    reply: accepted,
  }),

  post('/client/getPrivacySettings/{id}', {
    summary: 'Tell who may see and do what',
    power: 'read',
    run: readPrivacy,
    reply: result(privacyShape, (known: PrivacySettings) => known),
  }),
]
