import { z } from 'zod'
import { del, type Endpoint, get, post } from '../../../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../../../http/endpoint/fields.ts'
import { deviceIdOf } from '../../../../lib/device-id.ts'
import { limits } from '../../../../lib/limits.ts'
import { goDuration } from '../../../../lib/text/go-duration.ts'
import { type Refreshed, refreshWebVersion, webVersion } from '../../../../operations/admin/web-version.ts'
import {
  allDevices,
  type OwnedDevice,
  type Reconnection,
  reconnectAll,
  removeDevice,
} from '../../../../operations/customers/all-devices.ts'
import {
  type CustomerHealth,
  customerHealth,
  type Totals,
  totals,
} from '../../../../operations/customers/totals.ts'
import { answer, done } from '../../envelope.ts'
import {
  deviceFields,
  deviceShape,
  deviceStatusFields,
  deviceStatusShape,
  orNull,
} from '../../shapes/device-shape.ts'
import { instant } from '../../shapes/fields.ts'

const versionShape = {
  wa_web_version: z.object({ array: z.array(z.int()), string: z.string() }),
  last_refreshed: z.string().nullable(),
  last_error: z.string(),
}

function versionFields({ version, refreshedAt, error }: Omit<Refreshed, 'isRefreshed'>) {
  return {
    last_error: error,
    last_refreshed: instant(refreshedAt),
    wa_web_version: { array: [...version], string: version.join('.') },
  }
}

/** A device in the lists over all customers. */
const ownedShape = deviceShape.extend({ api_key_id: z.int(), customer_name: z.string() })

const resultShape = z.object({
  device_id: z.string(),
  device_name: z.string(),
  status: z.enum(['reconnected', 'failed', 'skipped', 'already_connected']),
  error: z.string().optional(),
})

function resultFields({ device, outcome, problem }: Reconnection): z.infer<typeof resultShape> {
  return {
    device_id: deviceIdOf(device.user.id),
    device_name: device.user.name,
    status: outcome,
    ...(problem !== '' && { error: problem }),
  }
}

const count = z.int()

/** A number of bytes as the original writes it: `12.34 MB`. */
function bytesInMegabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(2)} MB`
}

function wholeSeconds({ uptimeMs }: CustomerHealth['process']): number {
  return Math.floor(uptimeMs / 1000)
}

export const dashboardEndpoints: Endpoint[] = [
  get('/admin/stats', {
    summary: 'Count the customers, their devices and their webhooks',
    needs: 'none',
    run: totals,
    reply: answer(
      'Statistics retrieved successfully',
      z.object({
        total_api_keys: count,
        active_api_keys: count,
        total_devices: count,
        connected_devices: count,
        disconnected_devices: count,
        pending_devices: count,
        logged_out_devices: count,
        total_webhooks: count,
        active_webhooks: count,
      }),
      ({ customers, activeCustomers, devices, connected, stages, webhooks }: Totals) => ({
        total_api_keys: customers,
        active_api_keys: activeCustomers,
        total_devices: devices,
        connected_devices: connected,
        disconnected_devices: stages.disconnected + stages.active - connected,
        pending_devices: stages.pending,
        logged_out_devices: stages.logged_out,
        total_webhooks: webhooks.webhooks,
        active_webhooks: webhooks.active,
      }),
    ),
  }),

  get('/admin/health', {
    summary: 'Show the state of this process and of the customers',
    needs: 'none',
    run: customerHealth,
    reply: answer(
      'System health retrieved successfully',
      z.object({
        active_api_keys: count,
        api_keys: count,
        database: z.string().describe('ok, or what is wrong'),
        go_version: z.string().describe('of Node.js'),
        goroutines: count.describe('sockets, timers and requests that are underway'),
        memory_alloc: z.string(),
        memory_sys: z.string(),
        status: z.string(),
        total_devices: count,
        uptime: z.string(),
        uptime_seconds: count,
        version: z.string(),
        whatsapp_clients: count,
      }),
      ({ process: running, totals, databaseProblem }: CustomerHealth) => ({
        active_api_keys: totals?.activeCustomers ?? 0,
        api_keys: totals?.customers ?? 0,
        database: databaseProblem === '' ? 'ok' : `error: ${databaseProblem}`,
        go_version: `node ${process.version}`,
        goroutines: running.activeResources,
        memory_alloc: bytesInMegabytes(running.memory.heapUsed),
        memory_sys: bytesInMegabytes(running.memory.rss),
        status: databaseProblem === '' ? 'ok' : 'degraded',
        total_devices: totals?.devices ?? 0,
        uptime: goDuration(wholeSeconds(running) * 1000),
        uptime_seconds: wholeSeconds(running),
        version: running.version,
        whatsapp_clients: running.sessions,
      }),
    ),
  }),

  get('/admin/whatsapp/version', {
    summary: 'Show the version of WhatsApp Web that this process says it is',
    needs: 'none',
    run: webVersion,
    reply: answer(
      'WhatsApp Web version status retrieved successfully',
      z.object(versionShape),
      versionFields,
    ),
  }),

  post('/admin/whatsapp/version/refresh', {
    summary: 'Look for the current version of WhatsApp Web; with force=false not again after a moment',
    needs: 'none',
    query: z.object({ force: textUpTo(limits.name, z.string()).optional() }),
    run: refreshWebVersion,
    // What cannot be read counts as true.
    input: ({ query }) => ({ force: !['false', '0', 'f'].includes((query.force ?? '').toLowerCase()) }),
    failure: 'Failed to refresh WhatsApp Web version: %s',
    reply: answer(
      'WhatsApp Web version refreshed successfully',
      z.object({ ...versionShape, refreshed: z.boolean() }),
      ({ isRefreshed, ...status }: Refreshed) => ({ ...versionFields(status), refreshed: isRefreshed }),
    ),
  }),

  get('/admin/devices', {
    summary: 'List the devices of all customers, newest first',
    needs: 'none',
    run: allDevices,
    reply: answer(
      'Devices retrieved successfully',
      z.object({
        devices: z.array(ownedShape).nullable(),
        summary: z.object({ connected: count, disconnected: count, pending: count, total: count }),
      }),
      (devices: OwnedDevice[]) => {
        const inStage = (...stages: string[]) =>
          devices.filter(({ state }) => stages.includes(state.stage)).length
        return {
          devices: orNull(
            devices.map(({ state, customer }) => ({
              ...deviceFields(state),
              api_key_id: customer.id,
              customer_name: customer.name,
            })),
          ),
          summary: {
            connected: inStage('active'),
            disconnected: inStage('disconnected', 'logged_out'),
            pending: inStage('pending'),
            total: devices.length,
          },
        }
      },
    ),
  }),

  get('/admin/devices/status', {
    summary: 'List the connections of the devices of all customers',
    needs: 'none',
    run: allDevices,
    reply: answer(
      'Device statuses retrieved successfully',
      z.object({
        devices: z.array(deviceStatusShape).nullable(),
        summary: z.object({ offline: count, online: count, total: count }),
      }),
      (devices: OwnedDevice[]) => {
        const online = devices.filter(({ state }) => state.isLoggedIn).length
        return {
          devices: orNull(
            devices.map(({ state, customer }) => ({
              ...deviceStatusFields(state),
              customer_name: customer.name,
            })),
          ),
          summary: { offline: devices.length - online, online, total: devices.length },
        }
      },
    ),
  }),

  post('/admin/devices/reconnect', {
    summary: 'Begin to connect every linked device that is offline',
    needs: 'none',
    run: reconnectAll,
    reply: answer(
      'Reconnect operation completed',
      z.object({
        results: z.array(resultShape).nullable(),
        summary: z.object({ failed: count, reconnected: count, skipped: count, total: count }),
      }),
      (results: Reconnection[]) => {
        const ended = (...outcomes: string[]) =>
          results.filter(({ outcome }) => outcomes.includes(outcome)).length
        return {
          results: orNull(results.map(resultFields)),
          summary: {
            failed: ended('failed'),
            reconnected: ended('reconnected'),
            skipped: ended('skipped', 'already_connected'),
            total: results.length,
          },
        }
      },
    ),
  }),

  get('/admin/webhooks/stats', {
    summary: 'Count the webhooks and what became of their deliveries, as long as these are kept',
    needs: 'none',
    run: totals,
    reply: answer(
      'Webhook statistics retrieved successfully',
      z.object({
        active_webhooks: count,
        failed_deliveries: count,
        success_deliveries: count,
        success_rate: z.number().describe('percent; 0 while there are none'),
        total_deliveries: count,
        total_webhooks: count,
      }),
      ({ webhooks: { webhooks, active, delivered, failed } }: Totals) => ({
        active_webhooks: active,
        failed_deliveries: failed,
        success_deliveries: delivered,
        success_rate: delivered + failed === 0 ? 0 : (100 * delivered) / (delivered + failed),
        total_deliveries: delivered + failed,
        total_webhooks: webhooks,
      }),
    ),
  }),

  del('/admin/devices/{device_id}', {
    summary: 'Delete a device and unlink it; its tokens stop working at once',
    needs: 'none',
    params: z.object({ device_id: z.string() }),
    run: removeDevice,
    input: ({ params }) => params.device_id,
    reply: done('Device deleted successfully'),
  }),
]
