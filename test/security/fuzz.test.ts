import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameReader, frame } from '../../src/sandbox/server/frames.ts'
import { createServerIdentity, ServerHandshake } from '../../src/sandbox/server/noise.ts'
import type { StanzaChild } from '../../src/store/messages/inbox.ts'
import { messageEvents } from '../../src/whatsapp/inbound/parse/messages.ts'
import { stanzaEvents } from '../../src/whatsapp/inbound/parse/stanza.ts'
import { type BinaryNode, decodeBinaryNode, encodeBinaryNode } from '../../src/whatsapp/library/engine.ts'

const ME = { pn: '4477009000001:1@s.whatsapp.net', lid: '100000000000001:1@lid' }

/** Words that parsers look for, with what every object has among them. */
const WORDS = [
  'message',
  'receipt',
  'presence',
  'chatstate',
  'call',
  'iq',
  'ib',
  'failure',
  'stream:error',
  'notification',
  'w:gp2',
  'picture',
  'status',
  'encrypt',
  'account_sync',
  'mediaretry',
  'mex',
  'newsletter',
  'privacy',
  'from',
  'to',
  'id',
  't',
  'participant',
  'recipient',
  'type',
  'jid',
  'reason',
  'code',
  'offer',
  'terminate',
  'accept',
  'create',
  'add',
  'remove',
  'promote',
  'subject',
  'description',
  'body',
  'group',
  'set',
  'delete',
  'update',
  'enc',
  'unavailable',
  'list',
  'item',
  'composing',
  'paused',
  'pair-success',
  'device',
  'offline',
  'dirty',
  'edge_routing',
  'constructor',
  '__proto__',
  'toString',
]
const VALUES = [
  '',
  '0',
  '-1',
  '1e99',
  'NaN',
  '@',
  ':',
  ME.pn,
  ME.lid,
  '1-2@g.us',
  '1@newsletter',
  'status@broadcast',
  '@g.us',
]

const word = fc.constantFrom(...WORDS)
const attrs = fc.dictionary(word, fc.oneof(fc.constantFrom(...VALUES), word, fc.string({ maxLength: 12 })), {
  maxKeys: 8,
})
const bytes = fc.uint8Array({ maxLength: 60 })
const { node } = fc.letrec<{ node: BinaryNode }>((tie) => ({
  node: fc.record(
    {
      tag: word,
      attrs,
      content: fc.oneof(
        { maxDepth: 3, depthIdentifier: 'nodes' },
        bytes.map((content) => Buffer.from(content)),
        fc.string({ maxLength: 20 }),
        fc.array(tie('node'), { maxLength: 3 }),
      ),
    },
    { requiredKeys: ['tag', 'attrs'] },
  ),
}))

describe('what the network says', () => {
  test('never makes a stanza parser throw', () => {
    fc.assert(
      fc.property(node, (stanza) => {
        expect(JSON.parse(JSON.stringify(stanzaEvents(stanza, ME)))).toBeInstanceOf(Array)
      }),
      { numRuns: 3_000 },
    )
  })

  test('inside a message is an event or an error that names the message as what cannot be read', () => {
    const rows = fc.record({
      attrs,
      meta: fc.constant<StanzaChild[]>([]),
      encType: fc.constantFrom('pkmsg', 'msg', 'skmsg', 'plaintext', 'x'),
      encAttrs: attrs,
      plaintext: bytes,
    })
    fc.assert(
      fc.property(rows, (row) => {
        try {
          JSON.stringify(messageEvents(row, ME))
        } catch (error) {
          // The inbox sets such a row aside (receiving.ts); anything but the decoder's complaint is a mistake of ours.
          expect(String(error)).toMatch(
            /index out of range|invalid (wire type|end group|UTF8)|missing required|illegal/i,
          )
        }
      }),
      { numRuns: 3_000 },
    )
  })

  test('survives the codec, and random bytes in its place are an error and nothing worse', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (wire) => {
        await decodeBinaryNode(Buffer.from(wire)).catch((error: unknown) =>
          expect(error).toBeInstanceOf(Error),
        )
      }),
      { numRuns: 1_000 },
    )
    const sent: BinaryNode = { tag: 'message', attrs: { id: '1' }, content: [{ tag: 'enc', attrs: {} }] }
    expect(await decodeBinaryNode(encodeBinaryNode(sent))).toMatchObject({
      tag: 'message',
      attrs: { id: '1' },
    })
  })
})

describe('what a client says to the simulated network', () => {
  test('is cut into the same frames however it arrives', () => {
    fc.assert(
      fc.property(
        fc.array(bytes, { maxLength: 5 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        (sent, sizes) => {
          const stream = Buffer.concat([Buffer.from('WA\x06\x03'), ...sent.map((body) => frame(body))])
          const reader = new FrameReader()
          const read: Buffer[] = []
          for (let at = 0; at < stream.length; ) {
            const size = sizes.next().value
            read.push(...reader.push(stream.subarray(at, at + size)))
            at += size
          }
          expect(read.map((body) => [...body])).toEqual(sent.map((body) => [...body]))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('may be any bytes: the reader never fails, the handshake only with an error', () => {
    const identity = createServerIdentity()
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), (chunks) => {
        const reader = new FrameReader()
        for (const hello of chunks.flatMap((chunk) => reader.push(Buffer.from(chunk))))
          expect(() => new ServerHandshake(identity).hello(hello)).toThrow(Error)
      }),
      { numRuns: 500 },
    )
  })
})
