import { expect, test } from 'vitest'
import { Curve } from '../../../../src/whatsapp/library/engine.ts'
import {
  comparisonCode,
  deriveHandoffKey,
  derivePairingKey,
  encodePrologue,
  encryptPairingRequest,
  proveHandoff,
  readPrimaryAnswer,
} from '../../../../src/whatsapp/session/linking/passkey-crypto.ts'

// Vectors computed twice, with independent code and with the functions of the library.
const fill = (byte: number, length = 32) => Buffer.alloc(length, byte)
const hex = (text: string) => Buffer.from(text, 'hex')
const companionPublic = hex('7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13')
const primaryPublic = hex('7b0d47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4cb8a1b14')
const opening = {
  keys: { private: fill(0x11), public: companionPublic },
  nonce: fill(0x22),
  ref: '2@TEST-REF',
  deviceType: 1,
}
const primary = { publicKey: primaryPublic, nonce: fill(0x44) }
const identity = `0a20${companionPublic.toString('hex')}10011a0a3240544553542d524546`
const commitment = '2f7f4679500a6c557c408e383603d9757d19047d0a4a8b39b99ccfd6ebcd5cfb'

test('the prologue names this device and commits to its nonce', () => {
  expect(encodePrologue(opening).toString('hex')).toBe(`0a30${identity}12220a20${commitment}`)
})

test('the handoff is proved with the secret that was scanned', () => {
  const key = deriveHandoffKey(fill(0x09))

  expect(key.toString('hex')).toBe('d265c06005200e97aafb5f687ef1c3f24af4533e1de9a4a1046c9782e27a271d')
  expect(proveHandoff(key, encodePrologue(opening)).toString('hex')).toBe(
    'dfb33de3379480c0395d899950d4a2fa91f479b8ba23d1b40d324144ea402acb',
  )
})

test('both sides show the same code', () => {
  expect(comparisonCode(opening.nonce, primary)).toBe('QKYP-4NG1')
})

test('the request can be read by the phone alone', () => {
  const key = derivePairingKey(opening, primary)

  expect(Buffer.from(Curve.sharedKey(fill(0x11), primaryPublic)).toString('hex')).toBe(
    '5bf22caf31c0316785b0b9bc60e56d48582ce59435ce5b3c028052be42631e0f',
  )
  expect(key.toString('hex')).toBe('34db185ce6100d0c4427f88c8f8e156429e281da2b17d83d3afd79c28aa4c52e')
  const request = { noiseKey: fill(0x66), identityKey: fill(0x77), linkingSecret: fill(0x88) }
  expect(encryptPairingRequest(request, { key, iv: fill(0x55, 12) }).toString('hex')).toBe(
    '0a767a3ea889ee9e6e2adfedea1aba553d07af7562588706a6c02429e50b4b4b3e686589cf60968d2c691b1bccbb1bfae859b5bf2270b34a1e1f15728d6135ec2d9f03c3934a5a47dea20824606d70c7937db2b55a7b977c847fd957c1adc8c20f700bd7142cab933ed5b4b57d4107b00c47799136bef373120c555555555555555555555555',
  )
})

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a short key', hex(`0a1f${'11'.repeat(31)}1220${'22'.repeat(32)}`)],
  ['no nonce', hex(`0a20${'11'.repeat(32)}`)],
  ['no protobuf', hex('ffff')],
])('an answer of %s is refused', (_what, bytes) => {
  expect(() => readPrimaryAnswer(bytes)).toThrow()
})

test('a key that leads to a secret everybody knows is refused', () => {
  expect(() => derivePairingKey(opening, { ...primary, publicKey: Buffer.alloc(32) })).toThrow()
})
