import { createHmac } from 'node:crypto'
import type {
  DeliveryOptions,
  EncodedText,
  Rendered,
  TextDeliveryEncoder,
} from '../../../delivery/renderer.ts'
import { formBody } from '../../shared/go/form-body.ts'
import { goStringify, goStringifySorted, sortedMembers } from '../../shared/go/stringify.ts'

/** The form fields of a delivery; `token` only for receivers that still expect it. */
interface FormFields {
  jsonData: string
  userID: string
  instanceName: string
  token?: string
}

/**
 * The event and who it is for in one JSON object. The original parses the event and writes it again, so that members
 * are sorted at every level; events with a file inside are streamed instead and keep their order and exact integers.
 */
export function jsonBody(payload: object, owner: Omit<FormFields, 'jsonData'>): string {
  const members = { ...payload, ...owner }
  if ('base64' in payload) return goStringify(Object.fromEntries(sortedMembers(members)))
  return goStringifySorted(members)
}

/** Lower-case hex HMAC-SHA256 of a body with the key as it was configured; goes into `x-hmac-signature`. */
function sign(body: string, key: string): string {
  return createHmac('sha256', key).update(body).digest('hex')
}

/** wuzapi's delivery: form or JSON, signed over the exact body. */
export const encodeDelivery: TextDeliveryEncoder = (rendered, options) => {
  const delivery =
    options.format === 'json' ? jsonDelivery(rendered, options) : formDelivery(rendered, options)
  if (options.hmacKey) delivery.headers['x-hmac-signature'] = sign(delivery.body, options.hmacKey)
  return delivery
}

function formDelivery(rendered: Rendered, options: DeliveryOptions): EncodedText {
  const body = formBody({ jsonData: goStringify(rendered.payload), ...owner(options) })
  return { body, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }
}

function jsonDelivery(rendered: Rendered, options: DeliveryOptions): EncodedText {
  const body = jsonBody(rendered.payload, owner(options))
  return { body, headers: { Accept: 'application/json', 'Content-Type': 'application/json' } }
}

function owner({ user, includeToken }: DeliveryOptions): Omit<FormFields, 'jsonData'> {
  return { instanceName: user.name, userID: user.id, ...(includeToken && { token: user.token }) }
}
