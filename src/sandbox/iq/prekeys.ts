import { createHash } from 'node:crypto'
import { type BinaryNode, encodeBigEndian } from '../../whatsapp/library/engine.ts'
import { LinkedDevice } from '../peer/linked-device.ts'
import type { KeyBundle, PublicPreKey } from '../world/account.ts'
import { bytes, child, children, node, unixSeconds } from '../world/node.ts'
import { type Answer, type Query, type QueryFamily, refusals } from './query.ts'

/** The one key type there is: Curve25519. */
const KEY_TYPE = Buffer.from([5])

/** `encrypt`: stock of one-time keys, their upload, the digest, and other devices' bundles. */
export const preKeys: Record<string, QueryFamily> = {
  encrypt(query) {
    switch (query.what.tag) {
      case 'count':
        return [node('count', { value: companion(query).preKeyIds.length })]
      case 'digest':
        return digest(companion(query))
      case 'key':
        return bundles(query)
      case 'rotate':
        return rotate(query)
      default:
        return upload(query)
    }
  },
}

function companion({ from }: Query): LinkedDevice {
  if (!(from instanceof LinkedDevice)) throw refusals.forbidden()
  return from
}

function upload(query: Query): Answer {
  const { request } = query
  const device = companion(query)
  const list = child(request, 'list')
  if (!list) throw refusals.badRequest()
  replaceSignedKey(device, child(request, 'skey'))
  const isFirst = device.storePreKeys(children(list).map(readKey))
  if (isFirst) device.account.devices.get(0)?.companionReady?.(device)
  return undefined
}

function rotate(query: Query): Answer {
  replaceSignedKey(companion(query), child(query.what, 'skey'))
  return undefined
}

function replaceSignedKey(device: LinkedDevice, signed: BinaryNode | undefined): void {
  const signature = bytes(child(signed, 'signature'))
  if (!signed || !signature) throw refusals.badRequest()
  device.signedPreKey = { ...readKey(signed), signature }
}

/**
 * What the service holds of a device, for the device to compare. The hash is a SHA-1 over the public keys and the
 * signature, one-time keys in the order of the list (WhatsApp Web's `validateLocalKeyBundle`, by whatsapp-rust 2026); a
 * device that has uploaded nothing has no record.
 */
function digest(device: LinkedDevice): Answer {
  const { signedPreKey, identityKey, preKeys: stock } = device
  if (!stock) throw refusals.notFound()
  const hash = createHash('sha1')
    .update(identityKey)
    .update(signedPreKey.publicKey)
    .update(signedPreKey.signature)
  for (const { publicKey } of stock) hash.update(publicKey)
  return [
    node('digest', {}, [
      node('registration', {}, encodeBigEndian(device.registrationId)),
      node('type', {}, KEY_TYPE),
      node('identity', {}, identityKey),
      signedKeyNode(signedPreKey),
      node(
        'list',
        {},
        stock.map(({ id }) => node('id', {}, encodeBigEndian(id, 3))),
      ),
      node('hash', {}, hash.digest()),
    ]),
  ]
}

/** Devices that do not exist are left out: an `<error>` for one makes the client give up on all. */
function bundles({ network, what }: Query): Answer {
  const users: BinaryNode[] = []
  for (const { attrs } of children(what)) {
    const jid = attrs.jid ?? ''
    const bundle = network.findDevice(jid)?.takeBundle()
    if (bundle) users.push(bundleNode(jid, bundle))
  }
  return [node('list', {}, users)]
}

function bundleNode(jid: string, bundle: KeyBundle): BinaryNode {
  const parts = [
    node('registration', {}, encodeBigEndian(bundle.registrationId)),
    node('type', {}, KEY_TYPE),
    node('identity', {}, bundle.identityKey),
    signedKeyNode(bundle.signedPreKey),
  ]
  if (bundle.preKey) parts.push(node('key', {}, keyParts(bundle.preKey)))
  return node('user', { jid, t: unixSeconds() }, parts)
}

function signedKeyNode(key: KeyBundle['signedPreKey']): BinaryNode {
  return node('skey', {}, [...keyParts(key), node('signature', {}, key.signature)])
}

function keyParts(key: PublicPreKey): BinaryNode[] {
  return [node('id', {}, encodeBigEndian(key.id, 3)), node('value', {}, key.publicKey)]
}

function readKey(key: BinaryNode): PublicPreKey {
  const id = bytes(child(key, 'id'))
  const publicKey = bytes(child(key, 'value'))
  if (id?.length !== 3 || publicKey?.length !== 32) throw refusals.badRequest()
  return { id: id.readUIntBE(0, 3), publicKey }
}
