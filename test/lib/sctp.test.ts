import { expect, test } from 'vitest'
import { SCTP } from 'werift-sctp'
import { dropMalformed } from '../../src/lib/flow/sctp.ts'

/** A server, and what it says to the packets it gets. */
function startAssociation() {
  const sent: Buffer[] = []
  const transport: SCTP['transport'] = {
    send: async (packet) => void sent.push(packet),
    close: () => {},
  }
  const association = SCTP.server(transport, 5000)
  dropMalformed(association)
  return { association, transport, sent }
}

/** A packet with one chunk, whose sum is right. */
function packetWith(chunk: Buffer): Buffer {
  const packet = Buffer.concat([Buffer.from('1388138800000000', 'hex'), Buffer.alloc(4), chunk])
  packet.writeUInt32LE(crc32c(packet), 8)
  return packet
}

function crc32c(bytes: Buffer): number {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0x82f63b78 : 0)
  }
  return ~sum >>> 0
}

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a header', packetWith(Buffer.alloc(0)).subarray(0, 11)],
  ['a chunk that is longer than the packet', packetWith(Buffer.from('0000ffff00000000', 'hex'))],
  ['a chunk nobody knows', packetWith(Buffer.from('7f00000400000000', 'hex').subarray(0, 4))],
])('%s is dropped', async (_what, packet) => {
  const { association, transport, sent } = startAssociation()

  transport.onData?.(packet)
  await new Promise(setImmediate)

  expect(sent).toEqual([])
  await association.stop()
})
