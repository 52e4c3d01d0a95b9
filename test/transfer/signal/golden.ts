import { createPrivateKey, createPublicKey } from 'node:crypto'

/** Bytes that are easy to recognise, as Go writes them. */
export const bytes = (value: number, length = 32) => Buffer.alloc(length, value).toString('base64')
/** A public key whose private one nobody needs. */
export const publicKey = (value: number) => Buffer.from([5, ...Buffer.alloc(32, value)]).toString('base64')

/** The private key of the sending chain, and its public one. */
export const sending = { privateKey: bytes(9), publicKey: publicOf(Buffer.alloc(32, 9)) }
export const ownIdentity = Buffer.from(publicKey(1), 'base64')
export const theirIdentity = Buffer.from(publicKey(2), 'base64')

interface Chain {
  publicKey: string
  privateKey?: string
  key?: string
  index?: number
  messages?: string
}

/** A chain, byte for byte as Go writes it. */
export function chain({
  publicKey: pub,
  privateKey,
  key = bytes(20),
  index = 3,
  messages = '[]',
}: Chain): string {
  const priv = privateKey ? `"${privateKey}"` : 'null'
  return `{"SenderRatchetKeyPublic":"${pub}","SenderRatchetKeyPrivate":${priv},"ChainKey":{"Key":"${key}","Index":${index}},"MessageKeys":${messages}}`
}

/** The key of a message that has not arrived. */
export function messageKey(index: number): string {
  return `{"CipherKey":"${bytes(30)}","MacKey":"${bytes(31)}","IV":"${bytes(32, 16)}","Index":${index}}`
}

interface State {
  localIdentity?: string
  pending?: string
  previousCounter?: number
  receivers?: string
  remoteIdentity?: string
  registrationId?: number | string
  baseKey?: string
  sender?: string
  version?: number
}

/** A state, byte for byte as Go writes it. */
export function state(given: State = {}): string {
  const {
    localIdentity = publicKey(1),
    pending = 'null',
    previousCounter = 4,
    receivers = `[${chain({ publicKey: publicKey(11) })}]`,
    remoteIdentity = publicKey(2),
    registrationId = 4_000_000_000,
    baseKey = publicKey(40),
    sender = chain({ ...sending, index: 7 }),
    version = 3,
  } = given
  return `{"LocalIdentityPublic":"${localIdentity}","LocalRegistrationID":3000000000,"NeedsRefresh":false,"PendingKeyExchange":null,"PendingPreKey":${pending},"PreviousCounter":${previousCounter},"ReceiverChains":${receivers},"RemoteIdentityPublic":"${remoteIdentity}","RemoteRegistrationID":${registrationId},"RootKey":"${bytes(50)}","SenderBaseKey":"${baseKey}","SenderChain":${sender},"SessionVersion":${version}}`
}

/** A session record, byte for byte as Go writes it. */
export function session(current = state(), previous: string[] = []): Buffer {
  return Buffer.from(`{"SessionState":${current},"PreviousStates":[${previous.join(',')}]}`)
}

interface SenderState {
  keys?: string
  id?: number
  iteration?: number
  privateKey?: string
  publicKey?: string
}

/** A state of a sender key, byte for byte as Go writes it. */
export function senderState(given: SenderState = {}): string {
  const { keys = '[]', id = 4_000_000_001, iteration = 5, privateKey = `"${bytes(0)}"` } = given
  return `{"Keys":${keys},"KeyID":${id},"SenderChainKey":{"Iteration":${iteration},"ChainKey":"${bytes(60)}"},"SigningKeyPrivate":${privateKey},"SigningKeyPublic":"${given.publicKey ?? publicKey(61)}"}`
}

/** A sender key, byte for byte as Go writes it. */
export function senderKey(...states: string[]): Buffer {
  return Buffer.from(`{"SenderKeyStates":[${states.join(',')}]}`)
}

function publicOf(privateKey: Buffer): string {
  const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), privateKey])
  const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
  return Buffer.from([5, ...key.export({ format: 'der', type: 'spki' }).subarray(-32)]).toString('base64')
}
