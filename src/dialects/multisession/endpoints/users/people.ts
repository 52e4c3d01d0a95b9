import { z } from 'zod'
import { textAt } from '../../../../events/unwrap.ts'
import { del, type Endpoint, get, post } from '../../../../http/endpoint/endpoint.ts'
import { ApiError } from '../../../../lib/errors.ts'
import { NO_PICTURE, type ProfilePicture, profilePicture } from '../../../../operations/account/profile.ts'
import { block, unblock } from '../../../../operations/contacts/blocklist.ts'
import { type UserInfo, userDevices, userInfo } from '../../../../operations/contacts/user-info.ts'
import type { LiveSession } from '../../../../whatsapp/session/session.ts'
import { answer, done } from '../../envelope.ts'
import { person, personIfAny, personOrGroup } from '../../shapes/addresses.ts'
import { asked } from '../../shapes/asked.ts'
import { orNull } from '../../shapes/device-shape.ts'

const named = z.object({ user_jid: person })

/** Throws `not_found` for whoever is not on WhatsApp: of others it tells the devices at least. */
async function infoOf(session: LiveSession, jid: string): Promise<UserInfo> {
  const [info] = await userInfo(session, [jid])
  if (info?.devices) return info
  throw new ApiError('not_found', { text: 'this user is not on WhatsApp' })
}

async function pictureOf(session: LiveSession, jid: string): Promise<ProfilePicture> {
  const found = await profilePicture(session, { jid, preview: false })
  if (found) return found
  throw new ApiError('not_found', { text: NO_PICTURE })
}

async function devicesOf(session: LiveSession, jid: string | undefined): Promise<string[]> {
  await session.ready()
  return jid === undefined ? [] : userDevices(session, [jid])
}

export const peopleEndpoints: Endpoint[] = [
  get('/users/{user_jid}', {
    summary: 'Describe a person',
    needs: 'stored',
    params: named,
    run: asked(infoOf),
    input: ({ params }) => params.user_jid,
    reply: answer(
      'Success get user info',
      z.object({
        VerifiedName: z.string(),
        Status: z.string(),
        PictureID: z.string(),
        Devices: z.null().describe('Listed at `/users/{jid}/devices`'),
      }),
      ({ verifiedName, about, pictureId }: UserInfo) => ({
        VerifiedName: textAt(verifiedName?.details, 'verifiedName'),
        Status: about,
        PictureID: pictureId,
        Devices: null,
      }),
    ),
  }),

  get('/users/{user_jid}/profile-picture', {
    summary: 'Get the picture of a person or group',
    needs: 'stored',
    params: z.object({ user_jid: personOrGroup }),
    run: asked(pictureOf),
    input: ({ params }) => params.user_jid,
    reply: answer(
      'Success get user picture',
      z.object({ URL: z.string(), ID: z.string(), Type: z.string(), DirectURL: z.string() }),
      ({ url, id, kind, directPath }: ProfilePicture) => ({
        URL: url,
        ID: id,
        Type: kind,
        DirectURL: directPath,
      }),
    ),
  }),

  post('/users/{user_jid}/block', {
    summary: 'Block a person',
    needs: 'stored',
    params: named,
    run: asked(block),
    input: ({ params }) => params.user_jid,
    reply: done('Success block user'),
  }),

  del('/users/{user_jid}/block', {
    summary: 'Unblock a person',
    needs: 'stored',
    params: named,
    run: asked(unblock),
    input: ({ params }) => params.user_jid,
    reply: done('Success unblock user'),
  }),

  get('/users/{jid}/devices', {
    summary: 'List the devices of a person; null for whoever is not on WhatsApp',
    needs: 'stored',
    params: z.object({ jid: personIfAny }),
    run: asked(devicesOf),
    input: ({ params }) => params.jid,
    reply: answer('Success get user devices', z.array(z.string()).nullable(), orNull<string>),
  }),
]
