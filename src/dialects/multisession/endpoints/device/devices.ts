import { z } from 'zod'
import { type Endpoint, get, post } from '../../../../http/endpoint/endpoint.ts'
import { deviceIdOf } from '../../../../lib/device-id.ts'
import { limits } from '../../../../lib/limits.ts'
import { type DeviceState, deviceState } from '../../../../operations/customers/device-state.ts'
import { createDevice, type NewDevice, renewToken } from '../../../../operations/customers/devices.ts'
import type { User } from '../../../../store/users/users.ts'
import { answer } from '../../envelope.ts'
import { connectionFields, connectionShape, problemOf } from '../../shapes/device-shape.ts'
import { instant } from '../../shapes/fields.ts'

const KEEP_SECRET = 'Keep the device_secret: it is shown only once, and every new token needs it.'
const NEW_TOKEN = 'All tokens that were issued before have stopped working.'

/** A name of any other type counts as none, as in the original. */
const deviceName = z
  .unknown()
  .transform((name) => (typeof name === 'string' ? name.slice(0, limits.name.max) : ''))
  .optional()

export const deviceCreationEndpoints: Endpoint[] = [
  post('/devices', {
    summary: 'Create a device; its secret is shown here and never again',
    needs: 'customer',
    ignoresUndecodable: true,
    body: z.object({ device_name: deviceName }),
    run: createDevice,
    input: ({ body }) => ({ name: body.device_name ?? '' }),
    reply: answer(
      'Device created successfully',
      z.object({
        device_id: z.string(),
        device_secret: z.string(),
        device_name: z.string(),
        token: z.string(),
        message: z.string(),
      }),
      ({ user, secret, token }: NewDevice) => ({
        device_id: deviceIdOf(user.id),
        device_secret: secret,
        device_name: user.name,
        token,
        message: KEEP_SECRET,
      }),
      { status: 201 },
    ),
  }),
]

const credentials = 'device_id and device_secret are required'

export const deviceTokenEndpoints: Endpoint[] = [
  post('/devices/token', {
    summary: 'Issue a new token for a device; those before it stop working',
    needs: 'none',
    undecodable: 'Invalid request body',
    body: z.object({
      device_id: z.string(credentials).min(1, credentials),
      device_secret: z.string(credentials).min(1, credentials),
    }),
    run: renewToken,
    input: ({ body }) => ({ deviceId: body.device_id, secret: body.device_secret }),
    reply: answer(
      'Token regenerated successfully',
      z.object({ device_id: z.string(), token: z.string(), message: z.string() }),
      ({ user, token }: { user: User; token: string }) => ({
        device_id: deviceIdOf(user.id),
        token,
        message: NEW_TOKEN,
      }),
    ),
  }),
]

export const deviceEndpoints: Endpoint[] = [
  get('/devices/me', {
    summary: 'Show the device',
    needs: 'stored',
    run: deviceState,
    reply: answer(
      'Success get device details',
      z.object({
        device_id: z.string(),
        device_name: z.string(),
        whatsmeow_jid: z.string(),
        status: z.string(),
        created_at: z.string().nullable(),
        last_active: z.string().nullable(),
      }),
      ({ user, stage, jid }: DeviceState) => ({
        device_id: deviceIdOf(user.id),
        device_name: user.name,
        whatsmeow_jid: jid,
        status: stage,
        created_at: instant(user.createdAt),
        last_active: instant(user.lastActiveAt),
      }),
    ),
  }),

  get('/devices/me/status', {
    summary: 'Show the connection of the device',
    needs: 'stored',
    run: deviceState,
    reply: answer('Device status', connectionShape, (state: DeviceState) => ({
      ...connectionFields(state),
      error: problemOf(state),
    })),
  }),
]
