import { deviceIdOf, userIdOf } from '../../../../src/lib/device-id.ts'
import { PHONES, type Stage, signedToken } from './stage.ts'

// What the steps of the recorded world are made of.

export const CAROL = '15550003003'
export const ADA = '15550001001'
export const FOREIGN = '120363000000000007@g.us'

function userOf(stage: Stage, letter: string): string {
  const id = userIdOf(stage.bindings.get(`device_${letter}`) ?? '')
  if (id === undefined) throw new Error(`device ${letter} is not there yet`)
  return id
}

export function session(stage: Stage, letter: string) {
  return stage.app.parley.services.sessions.live(userOf(stage, letter))
}

export function opened(stage: Stage, letter: string): Promise<void> {
  const { sessions } = stage.app.parley.services
  const id = userOf(stage, letter)
  return stage.app
    .waitFor(`device ${letter} to open`, () => sessions.find(id)?.status.loggedIn, 10_000)
    .then(() => {})
}

export function closed(stage: Stage, letter: string): Promise<void> {
  const { sessions } = stage.app.parley.services
  const id = userOf(stage, letter)
  return stage.app
    .waitFor(`device ${letter} to close`, () => !sessions.find(id)?.status.loggedIn, 10_000)
    .then(() => {})
}

/** Its session is over, and its keys are gone where the phone has unlinked it. */
export function over(stage: Stage, letter: string): Promise<void> {
  const { sessions, db } = stage.app.parley.services
  const id = userOf(stage, letter)
  return stage.app
    .waitFor(
      `device ${letter} to be forgotten`,
      async () => !sessions.find(id) && !(await db('auth').where({ user_id: id, kind: 'creds' }).first()),
      10_000,
    )
    .then(() => {})
}

/** The phone of a device scans the code that is shown. */
export async function scan(stage: Stage, letter: string): Promise<void> {
  const id = userOf(stage, letter)
  const qr = await stage.app.waitFor(
    `the code of device ${letter}`,
    () => stage.app.parley.services.sessions.find(id)?.status.qr,
    10_000,
  )
  await stage.control('POST', '/scan', { qr, ...PHONES[letter] })
  await opened(stage, letter)
}

export async function link(stage: Stage, letter: string): Promise<void> {
  const token = signedToken({
    device_id: deviceIdOf(userOf(stage, letter)),
    version: 1,
  })
  await stage.app.request('POST', '/devices/me/login', { headers: { Authorization: `Bearer ${token}` } })
  await scan(stage, letter)
}

export async function typeCode(stage: Stage, letter: string): Promise<void> {
  await stage.control('POST', '/pair-code', {
    ...PHONES[letter],
    code: stage.bindings.get('pair_code')?.replace('-', ''),
  })
  await opened(stage, letter)
}

/** Asks as device a. */
async function asked(stage: Stage, method: string, path: string, body?: object) {
  const { status, text, json } = await stage.app.request(method, path, {
    headers: {
      Authorization: `Bearer ${stage.bindings.get('jwt_a')}`,
      ...(body && { 'Content-Type': 'application/json' }),
    },
    body,
  })
  if (status !== 200) throw new Error(`${method} ${path} answered ${status}: ${text}`)
  return json
}

/** The message to Carol that the next requests are about. */
export async function sendMessage(stage: Stage): Promise<void> {
  const { data } = await asked(stage, 'POST', `/chats/${CAROL}/messages`, { text: 'Original' })
  stage.bindings.set('message_id', data.message_id)
}

export async function createAs(stage: Stage, name: string): Promise<void> {
  await asked(stage, 'POST', '/groups', { name, participants: [CAROL] })
}

/** Gives a group a name that is longer than WhatsApp's own apps allow. */
export function rename({ sandbox: { network } }: Stage, jid: string): void {
  const group = network.findGroup(jid)
  if (!group) throw new Error(`${jid} is not there`)
  group.subject = 'n'.repeat(101)
}

/** Carol invites Ada, who is not in the group, in a message. */
export async function invite({ sandbox: { network } }: Stage): Promise<void> {
  const foreign = network.findGroup(FOREIGN)
  const ada = network.findAccount(ADA)
  if (!foreign || !ada) throw new Error('nobody is there to invite')
  foreign.members.delete(ada)
  foreign.personalInvites.set(ada, { code: 'PERSONALCODE0001', expiresAt: 1_900_000_000 })
}

export async function addWebhooks(stage: Stage, urls: string[]): Promise<void> {
  for (const url of urls) await asked(stage, 'POST', '/webhooks', { url, events: ['test.ping'] })
}

/** Tells the webhooks once more, and waits until nothing is on its way to those that are no places to send to. */
export async function testWebhooks(stage: Stage): Promise<void> {
  await asked(stage, 'POST', '/webhooks/1/test')
  for (const id of [6, 7, 8, 9, 18])
    await stage.app.waitFor(`the deliveries of webhook ${id}`, async () => {
      const { data } = await asked(stage, 'GET', `/webhooks/${id}/logs`)
      const logs: { Status: string }[] = data.logs ?? []
      return logs.length === 2 && logs.every(({ Status }) => Status === 'failed')
    })
}

/** Leaves the first webhook of the device. */
export async function removeWebhooks(stage: Stage): Promise<void> {
  const { data } = await asked(stage, 'GET', '/webhooks')
  const webhooks: { ID: number }[] = data.webhooks
  for (const { ID } of webhooks) if (ID !== 1) await asked(stage, 'DELETE', `/webhooks/${ID}`)
}

export async function group(stage: Stage, subject: string, participants: string[]): Promise<void> {
  await stage.control('POST', '/groups', { subject, participants })
}

/** What Carol sends: a text, a poll and a picture. */
export async function receiveMessages(stage: Stage): Promise<void> {
  const send = async (name: string, content: object) => {
    const { id } = await stage.control('POST', `/contacts/${CAROL}/send`, { to: ADA, ...content })
    stage.bindings.set(name, String(id))
  }
  await send('message_in', { text: 'Hello' })
  await send('poll_in', { poll: { name: 'Where?', options: ['Yes', 'No'] } })
  await send('media_message_in', { image: true })
  stage.bindings.set('media_key', Buffer.alloc(32, 7).toString('base64'))
}
