import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deriveMediaKeys, deriveSsrc } from '../../src/calls/keys.ts'
import {
  newCname,
  parseReports,
  SrtcpReceiver,
  SrtcpSender,
  writeDescription,
  writeSenderReport,
} from '../../src/calls/rtcp.ts'
import { A, B, callId, callKey } from './call-values.ts'

const keys = deriveMediaKeys(callKey, A).rtcp
const ssrc = deriveSsrc(callId, A, 0)
/** The moment whose NTP time is 0xea111800. */
const nowMs = (0xea111800 - 2_208_988_800) * 1000
const report = { ssrc, nowMs, timestamp: 960, packets: 1, octets: 10 }
const reception = {
  ssrc: deriveSsrc(callId, B, 0),
  fractionLost: 12,
  lost: 300,
  highestSequence: 70_000,
  jitter: 40,
  lastReport: 0x18000000,
  sinceLastReport: 65_536,
}

describe('reports', () => {
  test('that of a sender, and how it is encrypted', () => {
    const plain = writeSenderReport(report)

    expect(plain.toString('hex')).toBe('80c80006262cc27eea11180000000000000003c0000000010000000a')
    expect(new SrtcpSender(keys).seal(plain).toString('hex')).toBe(
      '80c80006262cc27e3222e8c54c8908549067988e3d263f051c7b67a580000001ff4aba0c24e92d618cf8',
    )
  })

  test('one that says what was heard is read again', () => {
    const bytes = Buffer.concat([writeSenderReport(report, reception), writeDescription(ssrc, newCname())])

    expect(bytes).toHaveLength(28 + 24 + 24 + 32)
    expect(parseReports(bytes)).toEqual({ sender: { ssrc, lastReport: 0x18000000 }, receptions: [reception] })
  })

  test('a name is made for every call', () => {
    expect(newCname()).toMatch(/^[0-9a-f]{5}@pj[0-9a-f]{6}\.org$/)
    expect(newCname()).not.toBe(newCname())
  })

  test('each comes in once and unchanged', () => {
    const sender = new SrtcpSender(keys)
    const receiver = new SrtcpReceiver(keys)
    const plain = writeSenderReport(report)
    const [first, second] = [sender.seal(plain), sender.seal(plain)]
    const changed = Buffer.from(second)
    changed.writeUInt8(changed.readUInt8(20) ^ 1, 20)

    expect(receiver.open(first)).toEqual(plain)
    expect(receiver.open(first)).toBeUndefined()
    expect(receiver.open(changed)).toBeUndefined()
    expect(receiver.open(second)).toEqual(plain)
  })

  test('whatever comes, reading it ends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        parseReports(Buffer.from(bytes))
        expect(new SrtcpReceiver(keys).open(Buffer.from(bytes))).toBeUndefined()
      }),
    )
  })
})
