import { expect, test } from 'vitest'
import {
  commitmentOf,
  handoffKey,
  handoffProof,
  openBox,
  pairingCode,
  pairingKey,
} from '../../../src/sandbox/passkey/keys.ts'
import { Curve, proto } from '../../../src/whatsapp/library/engine.ts'

const filled = (byte: number, length = 32) => Buffer.alloc(length, byte)
const hex = (written: string) => Buffer.from(written, 'hex')

const companionKey = hex('7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13')
const primaryKey = hex('7b0d47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4cb8a1b14')
const companionNonce = filled(0x22)
const ref = '2@TEST-REF'
const identity = proto.CompanionEphemeralIdentity.encode({
  publicKey: companionKey,
  deviceType: proto.DeviceProps.PlatformType.CHROME,
  ref,
}).finish()
const commitment = hex('2f7f4679500a6c557c408e383603d9757d19047d0a4a8b39b99ccfd6ebcd5cfb')
const prologue = Buffer.concat([hex('0a30'), identity, hex('12220a20'), commitment])
const key = hex('34db185ce6100d0c4427f88c8f8e156429e281da2b17d83d3afd79c28aa4c52e')

test('the keys of the vectors belong to their private halves', () => {
  const basePoint = Buffer.concat([Buffer.from([9]), Buffer.alloc(31)])

  expect(Buffer.from(Curve.sharedKey(filled(0x11), basePoint))).toEqual(companionKey)
  expect(Buffer.from(Curve.sharedKey(filled(0x33), basePoint))).toEqual(primaryKey)
})

test('the commitment is over the encoded identity and the nonce', () => {
  expect(Buffer.from(identity)).toEqual(
    Buffer.concat([hex('0a20'), companionKey, hex('10011a0a3240544553542d524546')]),
  )
  expect(commitmentOf(identity, companionNonce)).toEqual(commitment)
})

test('the handoff proof comes from the old linking secret', () => {
  const handoff = handoffKey(filled(0x09))
  const proof = handoffProof(handoff, prologue)

  expect(handoff).toEqual(hex('d265c06005200e97aafb5f687ef1c3f24af4533e1de9a4a1046c9782e27a271d'))
  expect(proof).toEqual(hex('dfb33de3379480c0395d899950d4a2fa91f479b8ba23d1b40d324144ea402acb'))
})

test('both sides show the same code', () => {
  expect(pairingCode({ companionNonce, primaryKey, primaryNonce: filled(0x44) })).toBe('QKYP-4NG1')
})

test('both sides have the same key', () => {
  const companions = pairingKey({ privateKey: filled(0x11), publicKey: primaryKey, deviceType: 1, ref })
  const phones = pairingKey({ privateKey: filled(0x33), publicKey: companionKey, deviceType: 1, ref })

  expect(companions).toEqual(key)
  expect(phones).toEqual(key)
})

test('a key that shares nothing is refused', () => {
  const zero = { privateKey: filled(0x33), publicKey: Buffer.alloc(32), deviceType: 1, ref }

  expect(() => pairingKey(zero)).toThrow()
})

test('the pairing request opens, and not when a byte of it is another one', () => {
  const { encryptedPayload, iv } = proto.EncryptedPairingRequest.decode(
    hex(
      '0a767a3ea889ee9e6e2adfedea1aba553d07af7562588706a6c02429e50b4b4b3e686589cf60968d2c691b1bccbb1bfae859b5bf2270b34a' +
        '1e1f15728d6135ec2d9f03c3934a5a47dea20824606d70c7937db2b55a7b977c847fd957c1adc8c20f700bd7142cab933ed5b4b57d4107b0' +
        '0c47799136bef373120c555555555555555555555555',
    ),
  )
  const sealed = Buffer.from(encryptedPayload ?? [])

  const opened = proto.PairingRequest.decode(openBox(key, iv ?? Buffer.alloc(0), sealed))
  sealed.writeUInt8(sealed.readUInt8(0) ^ 1, 0)

  expect(Buffer.from(opened.companionPublicKey ?? [])).toEqual(filled(0x66))
  expect(Buffer.from(opened.companionIdentityKey ?? [])).toEqual(filled(0x77))
  expect(Buffer.from(opened.advSecret ?? [])).toEqual(filled(0x88))
  expect(() => openBox(key, iv ?? Buffer.alloc(0), sealed)).toThrow()
})
