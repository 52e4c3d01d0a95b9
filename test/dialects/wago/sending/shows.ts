import { expect } from 'vitest'
import { decryptMedia } from '../../../../src/sandbox/world/media-cipher.ts'
import type { Network } from '../../../../src/sandbox/world/network.ts'
import type { MediaType } from '../../../../src/whatsapp/library/engine.ts'
import { ADMIN_TOKEN, type Answer } from '../../../helpers/app.ts'
import type { Wago } from '../wago.ts'

/** Sends as the session does; yields what the recipient's phone, which must show it, has of the message. */
export async function shows(
  wago: Wago,
  path: string,
  body: object,
  phone = wago.contact,
): Promise<Answer['json']> {
  const { message, shown, hiddenBecause } = await wago.arrives(path, body, phone)
  expect([shown, hiddenBecause]).toEqual([true, undefined])
  return message
}

/** What is said of each button of an interactive message or card, beside the name of its kind. */
export function buttonsOf({ nativeFlowMessage }: Answer['json']): unknown[] {
  return nativeFlowMessage.buttons.map((button: { name: string; buttonParamsJson: string }) => ({
    name: button.name,
    ...JSON.parse(button.buttonParamsJson),
  }))
}

/** The file that a part of a message, such as a heading, refers to: fetched and decrypted. */
export async function fileIn(
  network: Network,
  { directPath, mediaKey }: { directPath: string; mediaKey: string },
  type: MediaType,
): Promise<Buffer> {
  const encrypted = network.media.get(directPath)
  if (!encrypted) throw new Error('the media host does not have the file')
  return decryptMedia(encrypted, Buffer.from(mediaKey, 'base64'), type)
}

/** The file of a message as a phone downloads it. */
export async function downloaded(wago: Wago, id: string, phone = wago.contact): Promise<Buffer> {
  const response = await fetch(`${wago.app.url}/sandbox/contacts/${phone}/messages/${id}/file`, {
    headers: { authorization: ADMIN_TOKEN },
  })
  return Buffer.from(await response.arrayBuffer())
}

/** How many messages a phone has got; what is refused adds none. */
export async function count(wago: Wago, phone = wago.contact): Promise<number> {
  return (await wago.app.received(phone)).length
}

/** Has a webhook told of these classes of events; the session connects anew, for it is then that it says which. */
export async function subscribe(wago: Wago, url: string, Subscribe = ['Message']): Promise<void> {
  await wago.post('/webhook', { WebhookURL: url })
  await wago.post('/session/disconnect')
  await wago.post('/session/connect', { Subscribe, Immediate: true })
  const { sessions } = wago.app.parley.services
  await wago.app.waitFor('the session to open', () => sessions.find(wago.user.id)?.status.loggedIn)
}
