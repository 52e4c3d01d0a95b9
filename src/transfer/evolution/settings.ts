import type { Dropped } from '../device.ts'
import { isTrue, type Row, textOf } from '../whatsmeow/rows.ts'

/** What there is no place for here, and what the switch is called there. */
const SWITCHES: [column: string, why: string][] = [
  ['rejectCall', 'calls are refused by a request, not by a setting'],
  ['groupsIgnore', 'messages of groups come like all others'],
  ['alwaysOnline', 'presence is set by a request'],
  ['readMessages', 'messages are marked as read by a request'],
  ['readStatus', 'statuses are marked as read by a request'],
]

/** The settings of an instance that do not come over. */
export function droppedSettings(setting: Row | undefined, name: string): Dropped[] {
  if (!setting) return []
  return SWITCHES.filter(([column]) => isTrue(setting, column)).map(([column, why]) => ({
    what: `setting ${column}`,
    whose: name,
    why,
  }))
}

/** The webhook of an instance, which does not come over: whoever listens there expects other bodies. */
export function droppedWebhook(webhook: Row | undefined, name: string): Dropped[] {
  if (!webhook || webhook.enabled === false) return []
  return [
    {
      what: `webhook to ${hostOf(textOf(webhook, 'url'))}`,
      whose: name,
      why: 'events have another form here: set it once its program reads them',
    },
  ]
}

/** Addresses may carry a secret in their path. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an address that is none'
}

/** The proxy of an instance as an address; '' for none, with a note where it is one that is not known here. */
export function proxyOf(proxy: Row | undefined, name: string, notes: Dropped[]): string {
  if (!proxy || !isTrue(proxy, 'enabled')) return ''
  const [host, port, username, password] = ['host', 'port', 'username', 'password'].map((column) =>
    textOf(proxy, column),
  ) as [string, string, string, string]
  const protocol = textOf(proxy, 'protocol').replace(/:?\/*$/, '') || 'http'
  const account = username && `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`
  const address = `${protocol}://${account}${host}:${port}`
  if (/^(https?|socks5h?)$/.test(protocol) && URL.canParse(address)) return address
  notes.push({ what: 'proxy', whose: name, why: 'its address is none that is known here' })
  return ''
}
