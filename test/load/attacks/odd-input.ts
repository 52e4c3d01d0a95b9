import { type Attack, repeatedly } from './attack.ts'
import { failingServer } from './rude-servers.ts'
import type { Stage, Tenant } from './stage.ts'

const NUL = '\u0000'
const ODD = [`a${NUL}b`, '%', '%00', '\ud800', '../..', '__proto__', "'; --", '\u202e']
const PROXIES = [
  'http://u%:p%@127.0.0.1:9',
  'socks5://%:%@127.0.0.1:9',
  'http://%zz@127.0.0.1:9',
  'http://[::1',
]

type Step = (stage: Stage, tenant: Tenant, count: number) => Promise<unknown>

const steps: Step[] = [
  useProxy,
  takesIdTwice,
  sayOddNames,
  (stage, tenant, count) =>
    stage.askAs(tenant, '/chat/send/text', { Phone: tenant.contact, Body: odd(count), Id: odd(count + 1) }),
  (stage, tenant, count) =>
    stage.askAs(tenant, '/chat/react', { Phone: tenant.contact, Body: odd(count), Id: odd(count) }),
  (stage, tenant, count) =>
    stage.askAs(tenant, '/session/s3/config', {
      enabled: true,
      endpoint: `http://${odd(count)}`,
      bucket: odd(count),
      access_key: odd(count),
      secret_key: odd(count),
    }),
  (stage, tenant, count) =>
    stage.askAs(tenant, '/webhook', { webhookURL: `http://127.0.0.1:9/${odd(count)}` }),
  (stage, _, count) =>
    stage.askAdmin('/admin/users', { body: { name: odd(count), token: stage.newToken() } }),
  (stage) => stage.askAdmin('/parley/deliveries/a%00b'),
  (stage) => stage.askAdmin('/admin/users/%'),
]

/** What no sane program sends: broken proxies, ids of odd characters, and one id for messages to two people. */
export const oddInput: Attack = {
  name: 'odd names and ids and proxies',
  async start(stage) {
    const receiver = stage.keep(await failingServer())
    const tenant = await stage.moveIn({ webhook: receiver.url })
    return repeatedly(
      stage,
      { pauseMs: 50 },
      (count) => steps[count % steps.length]?.(stage, tenant, count) ?? done,
    )
  },
}

const done = Promise.resolve()

/** A proxy that cannot be used is set, tried and removed. */
async function useProxy(stage: Stage, tenant: Tenant, count: number): Promise<void> {
  await stage.askAs(tenant, '/session/disconnect', {})
  const proxy_url = PROXIES[count % PROXIES.length]
  await stage.askAs(tenant, '/session/proxy', { proxy_url, enable: true, webhook_use_proxy: true })
  await stage.askAs(tenant, '/session/connect', { Immediate: true })
  await stage.askAdmin(`/parley/users/${tenant.id}/test-event`, { body: {} })
  await stage.askAs(tenant, '/session/disconnect', {})
  await stage.askAs(tenant, '/session/proxy', { enable: false })
  await stage.link(tenant)
}

/** Two people get different messages with one id, and both ask for theirs again. */
async function takesIdTwice(stage: Stage, tenant: Tenant, count: number): Promise<void> {
  const other = `${tenant.contact}9`
  await stage.sandbox('/contacts', { phone: other, name: other })
  for (const [index, Phone] of [tenant.contact, other].entries()) {
    await stage.sandbox('/faults', { kind: 'corrupt-message', jid: Phone, times: 1 })
    await stage.askAs(tenant, '/chat/send/text', { Phone, Body: `for ${index}`, Id: `HOSTILE${count}` })
  }
}

/** The other side has odd names for itself, its files and its cards. */
async function sayOddNames(stage: Stage, { contact, phone }: Tenant, count: number): Promise<void> {
  const name = odd(count)
  await stage.sandbox('/contacts', { phone: contact, name })
  const path = `/contacts/${contact}/send`
  await stage.sandbox(path, { to: phone, text: name })
  await stage.sandbox(path, { to: phone, document: { data: 'aGk=', fileName: name, mimetype: name } })
  await stage.sandbox(path, { to: phone, contact: { name, vcard: name } })
}

function odd(count: number): string {
  return ODD[count % ODD.length] ?? ''
}
