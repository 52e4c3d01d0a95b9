import { z } from 'zod'
import { deviceIdOf } from '../../../lib/device-id.ts'
import type { DeviceState } from '../../../operations/customers/device-state.ts'
import { wholeInstant } from './fields.ts'

const listed = {
  device_id: z.string(),
  device_name: z.string(),
  whatsmeow_jid: z.string(),
  status: z.string().meta({ enum: ['pending', 'active', 'disconnected', 'logged_out'] }),
  created_at: z.string().nullable(),
  last_active_at: z.string().nullable(),
}

/** A device as the lists show it. */
export const deviceShape = z.object(listed).meta({ title: 'Device' })

/** A device in that shape. */
export function deviceFields({ user, jid, stage }: DeviceState): z.infer<typeof deviceShape> {
  return {
    device_id: deviceIdOf(user.id),
    device_name: user.name,
    whatsmeow_jid: jid,
    status: stage,
    created_at: wholeInstant(user.createdAt),
    last_active_at: wholeInstant(user.lastActiveAt),
  }
}

/** The connection of a device. */
export const connectionShape = z
  .object({
    client_loaded: z.boolean(),
    connected: z.boolean().describe('Messages can be sent'),
    db_status: z.string().meta({ enum: ['pending', 'active', 'disconnected', 'logged_out'] }),
    error: z.string().optional().describe('Why no messages can be sent'),
    is_connected: z.boolean(),
    is_logged_in: z.boolean(),
  })
  .meta({ title: 'DeviceConnection' })

/** A connection in that shape. */
export function connectionFields({ isLoaded, isConnected, isLoggedIn, stage }: DeviceState) {
  return {
    client_loaded: isLoaded,
    connected: isLoggedIn,
    db_status: stage,
    is_connected: isConnected,
    is_logged_in: isLoggedIn,
  }
}

/** Why a device cannot send, '' when it can. */
export function problemOf({ isLoaded, isConnected, isLoggedIn }: DeviceState): string {
  if (isLoggedIn) return ''
  if (!isLoaded) return 'WhatsApp Client is not Valid'
  return isConnected ? 'WhatsApp Client is not Logged In' : 'WhatsApp Client is not Connected'
}

/** A device with its connection, as the administrator's lists show it. */
export const deviceStatusShape = connectionShape.extend({
  device_id: z.string(),
  device_name: z.string(),
  whatsmeow_jid: z.string(),
  customer_name: z.string().optional(),
})

/** A device in that shape. */
export function deviceStatusFields(state: DeviceState): z.infer<typeof deviceStatusShape> {
  const error = problemOf(state)
  return {
    device_id: deviceIdOf(state.user.id),
    device_name: state.user.name,
    whatsmeow_jid: state.jid,
    ...connectionFields(state),
    ...(error !== '' && { error }),
  }
}

/** A list as the original prints an empty slice. */
export function orNull<Entry>(list: Entry[]): Entry[] | null {
  return list.length > 0 ? list : null
}
