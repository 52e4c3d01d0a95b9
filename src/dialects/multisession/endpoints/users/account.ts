import { z } from 'zod'
import { type Endpoint, get, patch, post } from '../../../../http/endpoint/endpoint.ts'
import { file, formOnly, text } from '../../../../http/endpoint/fields.ts'
import { ApiError } from '../../../../lib/errors.ts'
import type { BareBase64, FileInput } from '../../../../lib/file-input.ts'
import { limits } from '../../../../lib/limits.ts'
import { changePrivacy, readPrivacy } from '../../../../operations/account/privacy.ts'
import { setAbout, setOwnPicture } from '../../../../operations/account/profile.ts'
import { type StatusAudience, statusAudience } from '../../../../operations/messages/status-audience.ts'
import { privacyFields, privacyShape } from '../../../shared/whatsmeow/privacy-fields.ts'
import { answer, done } from '../../envelope.ts'
import { asked } from '../../shapes/asked.ts'
import { orNull } from '../../shapes/device-shape.ts'
import { base64Of, pictureFailures, uploadOf } from '../../shapes/pictures.ts'

/** The document's names of the settings that can be changed -> WhatsApp's. */
const SETTINGS = new Map([
  ['group_add', 'groupadd'],
  ['last_seen', 'last'],
  ['status', 'status'],
  ['profile', 'profile'],
  ['read_receipts', 'readreceipts'],
])

const VALUES = new Map([
  ['all', 'all'],
  ['contacts', 'contacts'],
  ['contact_blacklist', 'contact_blacklist'],
  ['none', 'none'],
  ['matched', 'match_last_seen'],
])

/** Read receipts are on or off. */
const SWITCH = new Map([
  ['true', 'all'],
  ['false', 'none'],
])

function privacyChange({ setting, value }: { setting: string; value: string }) {
  const name = SETTINGS.get(setting)
  if (name === undefined) throw new ApiError('invalid_field', { text: `invalid privacy setting: ${setting}` })
  const meant = VALUES.get(value) ?? (name === 'readreceipts' ? SWITCH.get(value) : undefined)
  if (meant === undefined) throw new ApiError('invalid_field', { text: `invalid privacy value: ${value}` })
  return { name, value: meant }
}

const NO_PHOTO = 'Photo file or photo_base64 is required'

function photoOf(body: { file?: FileInput; photo_base64?: FileInput }): FileInput | BareBase64 {
  const upload = uploadOf(body.file)
  if (upload?.sizeBytes === 0) throw new ApiError('invalid_field', { text: 'Photo data cannot be empty' })
  const photo = upload ?? base64Of(body.photo_base64)
  if (photo === undefined) throw new ApiError('missing_field', { text: NO_PHOTO })
  return photo
}

export const accountEndpoints: Endpoint[] = [
  get('/users/me/privacy', {
    summary: 'Show the privacy settings of the account',
    needs: 'stored',
    run: asked(readPrivacy),
    reply: answer('Success get privacy settings', privacyShape, privacyFields),
  }),

  patch('/users/me/privacy', {
    summary: 'Change a privacy setting',
    needs: 'stored',
    body: z.object({
      setting: text(limits.name).meta({
        enum: ['group_add', 'last_seen', 'status', 'profile', 'read_receipts'],
      }),
      value: text(limits.name).describe(
        'all, contacts, contact_blacklist, none or matched; for read_receipts also true and false',
      ),
    }),
    run: asked(changePrivacy),
    input: ({ body }) => privacyChange(body),
    reply: answer('Success update privacy settings', privacyShape, privacyFields),
  }),

  get('/users/me/status-privacy', {
    summary: 'Show who sees the statuses of the account; the choice in force comes first',
    needs: 'stored',
    run: asked(statusAudience),
    reply: answer(
      'Success get status privacy',
      z.array(
        z.object({
          Type: z.string().meta({ enum: ['contacts', 'blacklist', 'whitelist'] }),
          List: z.array(z.string()).nullable(),
          IsDefault: z.boolean(),
        }),
      ),
      (choices: StatusAudience[]) =>
        choices.map(({ type, list, isDefault }) => ({
          Type: type,
          List: orNull(list),
          IsDefault: isDefault,
        })),
    ),
  }),

  post('/users/me/status', {
    summary: "Set the account's own about text; an empty one takes it away",
    needs: 'stored',
    body: z.object({ status: text(limits.about) }),
    run: asked(setAbout),
    input: ({ body }) => body.status,
    reply: done('Success update status'),
  }),

  post('/users/me/profile-photo', {
    summary: 'Give the account a picture, as a file of a form or as base64',
    needs: 'stored',
    undecodable: NO_PHOTO,
    body: z.object({ file: file().meta(formOnly), photo_base64: file().describe('Base64, no data URL') }),
    run: asked(setOwnPicture),
    input: ({ body }) => photoOf(body),
    reply: answer('Success set profile photo', z.object({ picture_id: z.string() }), (id: string) => ({
      picture_id: id,
    })),
    failure: pictureFailures,
  }),
]
