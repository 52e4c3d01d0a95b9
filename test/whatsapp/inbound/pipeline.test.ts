import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { INBOUND_STEPS, type InboundDeps, interceptStanzas } from '../../../src/whatsapp/inbound/pipeline.ts'
import type { BinaryNode, WASocket } from '../../../src/whatsapp/library/engine.ts'

test('the steps come in the order that keeps messages safe', () => {
  const stepsOf = (tag: 'message' | 'receipt' | 'notification' | 'call') =>
    INBOUND_STEPS.filter(({ tags }) => tags.includes(tag)).map(({ name }) => name)

  // What is stored first can be acknowledged; what is noted last belongs to the message that is decrypted next.
  expect(stepsOf('message')).toEqual([
    'persist before ack',
    'keep the order of arrival',
    'acknowledge status posts',
    'acknowledge posts that were taken back',
    'note the origin',
  ])
  expect(stepsOf('receipt')).toEqual([
    'persist before ack',
    'answer requests for another copy',
    'acknowledge receipts',
  ])
  expect(stepsOf('notification')).toEqual(['persist before ack'])
  expect(stepsOf('call')).toEqual(['persist before ack', 'go on with calls'])
})

test('the library handles a message once what it means is stored, and one after the other', async () => {
  const { seen, arrive } = intercepted({
    record: async ({ attrs }) => {
      seen.push(`stored ${attrs.id}`)
    },
  })

  arrive('message', { id: '1', offline: '1' })
  arrive('message', { id: '2' })

  await expect.poll(() => seen).toContain('ended 2')
  const handled = ['noted 1', 'began 1', 'ended 1', 'noted 2', 'began 2', 'ended 2']
  expect(seen.filter((entry) => !entry.startsWith('stored'))).toEqual(handled)
  for (const id of [1, 2]) expect(seen.indexOf(`stored ${id}`)).toBeLessThan(seen.indexOf(`noted ${id}`))
})

test('a message that fails is told of, and the next one is handled', async () => {
  const { seen, arrive } = intercepted({
    record: () => undefined,
    noteOrigin: ({ attrs }) => {
      if (attrs.id === '1') throw new Error('strange stanza')
    },
  })

  arrive('message', { id: '1' })
  arrive('message', { id: '2' })

  await expect.poll(() => seen).toEqual(['strange stanza', 'began 2', 'ended 2'])
})

test('what could not be stored never reaches the library', async () => {
  const refused = new Error('the disk is full')
  const { seen, arrive } = intercepted({ record: () => Promise.reject(refused) })

  arrive('call', { id: '1' })

  await expect.poll(() => seen).toEqual([refused.message])
})

test('requests for another copy are answered and other receipts acknowledged in place of the library', async () => {
  const { seen, arrive } = intercepted({ record: () => undefined })

  arrive('receipt', { id: '1', type: 'retry' })
  arrive('receipt', { id: '2', type: 'read' })

  await expect.poll(() => seen.toSorted()).toEqual(['acknowledged 2', 'answered 1'])
})

test('a receipt that could not be stored is not acknowledged', async () => {
  const refused = new Error('the disk is full')
  const { seen, arrive } = intercepted({ record: () => Promise.reject(refused) })

  arrive('receipt', { id: '1' })

  await expect.poll(() => seen).toEqual([refused.message])
})

test('the library, which would end the connection, does not hear of a phone that is too old, linked or not', () => {
  const recorded: string[] = []
  const { seen, arrive } = intercepted({ record: ({ attrs }) => void recorded.push(attrs.id ?? '') })

  arrive('ib,,downgrade_webclient', { id: '1' })

  expect(recorded).toEqual(['1'])
  expect(seen).toEqual([])
})

/** A socket whose library handles stanzas in two steps, and what happens to those that arrive. */
function intercepted(deps: Pick<InboundDeps, 'record'> & Partial<InboundDeps>) {
  const seen: string[] = []
  const ws = new EventEmitter()
  for (const tag of ['message', 'receipt', 'notification', 'call', 'ib,,downgrade_webclient'])
    ws.on(`CB:${tag}`, async ({ attrs }: BinaryNode) => {
      seen.push(`began ${attrs.id}`)
      await new Promise(setImmediate)
      seen.push(`ended ${attrs.id}`)
    })
  const sendMessageAck = async ({ attrs }: BinaryNode) => void seen.push(`acknowledged ${attrs.id}`)
  interceptStanzas({ ws, sendMessageAck } as unknown as WASocket, {
    onFailed: (error) => void seen.push(error instanceof Error ? error.message : ''),
    background: () => {},
    resend: async ({ attrs }) => void seen.push(`answered ${attrs.id}`),
    noteOrigin: ({ attrs }) => void seen.push(`noted ${attrs.id}`),
    takeCall: () => {},
    ...deps,
  })
  return {
    seen,
    arrive: (tag: string, attrs: Record<string, string>) => ws.emit(`CB:${tag}`, { tag, attrs }),
  }
}
