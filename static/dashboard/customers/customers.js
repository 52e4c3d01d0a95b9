import { addressOf } from '../../api.js'
import { words } from './words.js'

/** The endpoint that lists customers and makes new ones; a server without it has none. */
export const CUSTOMERS = 'multisession/admin/api-keys'

/** The most that the server takes for a limit. */
const LARGEST = 2_147_483_647
/** A text that is there: not only blanks. */
const TEXT = { maxLength: 255, pattern: String.raw`.*\S.*`, title: words('notBlank') }

/**
 * What can be set of a customer, named as the server does. It keeps what is sent empty, so nothing may be.
 * @type {import('../parts/fields.js').Field[]}
 */
export const FIELDS = [
  { name: 'customer_name', label: words('name'), required: true, input: TEXT },
  {
    name: 'customer_email',
    label: words('email'),
    required: true,
    input: { ...TEXT, inputMode: 'email', placeholder: 'it@example.org' },
  },
  {
    name: 'customer_phone',
    label: words('phoneNumber'),
    kind: 'tel',
    required: true,
    input: { ...TEXT, placeholder: '4915112345678' },
  },
  {
    name: 'max_devices',
    label: words('devicesMost'),
    kind: 'number',
    required: true,
    hint: words('devicesMostHint'),
    input: { min: 1, max: LARGEST, step: 1 },
  },
  {
    name: 'rate_limit_per_hour',
    label: words('ratePerHour'),
    kind: 'number',
    required: true,
    hint: words('ratePerHourHint'),
    input: { min: 1, max: LARGEST, step: 1 },
  },
]

/** `3 of 10 devices`. */
export function devicesText({ device_count: used, max_devices: most }) {
  return words('devicesUsed', { used, count: most })
}

/** `1,000 requests per hour`, in the reader's own way of writing numbers. */
export function rateText({ rate_limit_per_hour: rate }) {
  return words('rate', { count: rate })
}

/** What a customer types to create a device. */
export function deviceCommand(key) {
  return [
    `curl -X POST ${addressOf('multisession/devices')} \\`,
    `  -H 'X-API-Key: ${key}' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  --data '{"device_name":"Shop"}'`,
  ].join('\n')
}
