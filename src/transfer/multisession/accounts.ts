import { userIdOf } from '../../lib/device-id.ts'
import { derivedId, newToken } from '../../lib/ids.ts'
import { InstallationError } from '../../lib/process/installation-error.ts'
import type { Queryable } from '../../store/database/database.ts'
import {
  nothing,
  type SourceAccount,
  type SourceCustomer,
  type SourceServer,
  type SourceWebhook,
} from '../account.ts'
import type { Dropped } from '../device.ts'
import { matchDevices } from '../devices.ts'
import { openSource, useOf } from '../source.ts'
import type { SourceRequest } from '../sources.ts'
import { sourceUser } from '../user.ts'
import { isTrue, type Row, textOf } from '../whatsmeow/rows.ts'
import { openWhatsmeowStore, type WhatsmeowStore } from '../whatsmeow/store.ts'

const KIND = 'multisession'
/** What a device had that was in use; others wait to be linked. */
const CONNECTED = new Set(['active', 'disconnected'])

interface Tables {
  devices: Row[]
  /** By the id of the customer there. */
  customers: Map<number, SourceCustomer>
  /** By the id of the device. */
  webhooks: Map<string, Row[]>
}

/**
 * Opens the PostgreSQL database of a go-whatsapp-multi-session-rest-api: its customers, their devices and webhooks, and
 * whatsmeow's tables beside them. Keys and secrets are plain there. Nothing of it is changed. Throws InstallationError for
 * what is none.
 */
export async function openMultisession({ from, chosen }: SourceRequest): Promise<SourceServer> {
  const source = await openSource(from)
  try {
    const tables = await readTables(source.db)
    const store = await openWhatsmeowStore(source.db)
    return {
      kind: KIND,
      place: source.place,
      ...(await accountsIn(tables, store, chosen)),
      customers: [...tables.customers.values()],
      inUse: useOf(source),
      mark: async () => {},
      close: () => source.close(),
    }
  } catch (error) {
    await source.close()
    throw error
  }
}

async function readTables(db: Queryable): Promise<Tables> {
  for (const table of ['api_keys', 'devices'])
    if (!(await db.schema.hasTable(table)))
      throw new InstallationError(`this database holds no devices of customers: it has no table ${table}`)
  const customers = new Map<number, SourceCustomer>()
  for (const row of (await db('api_keys').orderBy('id').select('*')) as Row[])
    customers.set(Number(row.id), customerOf(row))
  const webhooks = new Map<string, Row[]>()
  if (await db.schema.hasTable('wa_webhooks'))
    for (const row of (await db('wa_webhooks').orderBy('id').select('*')) as Row[]) {
      const device = textOf(row, 'device_id')
      webhooks.set(device, [...(webhooks.get(device) ?? []), row])
    }
  return {
    devices: await db('devices').orderBy(['created_at', 'device_id']).select('*'),
    customers,
    webhooks,
  }
}

function customerOf(row: Row): SourceCustomer {
  return {
    key: textOf(row, 'api_key'),
    name: textOf(row, 'customer_name'),
    email: textOf(row, 'customer_email'),
    phone: textOf(row, 'customer_phone'),
    maxDevices: Number(row.max_devices ?? 1),
    ratePerHour: Number(row.rate_limit_per_hour ?? 1_000),
    isActive: isTrue(row, 'is_active'),
  }
}

async function accountsIn(
  tables: Tables,
  store: WhatsmeowStore,
  chosen: Map<string, string>,
): Promise<Pick<SourceServer, 'accounts' | 'strayDevices'>> {
  const idOf = (row: Row) => textOf(row, 'device_id')
  const devices = matchDevices(
    tables.devices.map((row) => ({
      id: idOf(row),
      jid: textOf(row, 'whatsmeow_jid'),
      chosen: chosen.get(idOf(row)) ?? chosen.get(textOf(row, 'device_name')),
    })),
    await store.listDevices(),
  )
  const accounts = tables.devices.map((row): SourceAccount => {
    const { device, note } = devices.of(idOf(row))
    return accountOf(tables, row, { store, device, notes: note ? [note] : [] })
  })
  return { accounts, strayDevices: devices.strays }
}

function accountOf(
  { customers, webhooks }: Tables,
  row: Row,
  { store, device, notes }: { store: WhatsmeowStore; device: string; notes: Dropped[] },
): SourceAccount {
  const deviceId = textOf(row, 'device_id')
  const name = textOf(row, 'device_name') || deviceId
  const customer = customers.get(Number(row.api_key_id ?? 0))
  if (!customer) notes.push({ what: 'customer', whose: name, why: 'it belongs to none' })
  const lastActiveAt = instantOf(row.last_active_at)
  return {
    user: sourceUser({
      // Its programs call it by this id, and its tokens name it.
      id: userIdOf(deviceId) ?? derivedId(KIND, deviceId),
      name,
      // For other dialects; nobody is told of it here.
      token: newToken(),
      device,
      wanted: device !== '' && CONNECTED.has(textOf(row, 'status')),
      proxyUrl: textOf(row, 'proxy_url'),
      tokenVersion: Number(row.jwt_version ?? 1),
      lastActiveAt: lastActiveAt ?? null,
      createdAt: instantOf(row.created_at) ?? Date.now(),
    }),
    webhooks: (webhooks.get(deviceId) ?? []).map(webhookOf),
    device,
    ...(customer && { customer: { key: customer.key, deviceSecret: textOf(row, 'device_secret') } }),
    notes,
    readDevice: () => store.readDevice(device),
    history: nothing,
  }
}

/** All events where its list is empty, as here. */
function webhookOf(row: Row): SourceWebhook {
  const events = Array.isArray(row.events) ? row.events : []
  return {
    target: KIND,
    isNumbered: true,
    patch: {
      url: textOf(row, 'url'),
      hmacKey: textOf(row, 'secret'),
      events: events.filter((name): name is string => typeof name === 'string').join(','),
      isActive: isTrue(row, 'active'),
    },
  }
}

function instantOf(value: unknown): number | undefined {
  return value instanceof Date ? value.getTime() : undefined
}
