import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { readFloats, writeFloats } from '../../../src/calls/float-line.ts'
import { ProcessCluster } from '../../cluster/nodes.ts'
import { call } from '../../load/client.ts'
import { joinFrames, loudnessOf, toneOf } from '../tones.ts'

const TOKEN = 'caller'
const PHONE = '4915150000001'

let cluster: ProcessCluster

beforeAll(async () => {
  cluster = await ProcessCluster.start(['a', 'b'], { CALLS: 'on' })
})

afterAll(() => cluster?.close())

test('a call is made, heard and ended by way of a node that does not have its session', async () => {
  const [first] = cluster.nodes
  if (!first) throw new Error('there are no nodes')
  const userId = await cluster.link(first, TOKEN, '447900000951')
  await cluster.contact(PHONE)
  const control = `${cluster.sandbox.controlUrl}/sandbox/contacts/${PHONE}`
  await call(`${control}/calls`, { body: { onOffer: 'answer', say: { tone: 1_000 } } })
  const owner = await cluster.ownerOf(userId)
  const other = cluster.nodes.find(({ id }) => id !== owner)
  const ask = <Result>(path: string, body?: unknown) =>
    call<{ data: Result }>(`${other?.url}${path}`, { headers: { token: TOKEN }, body })

  const { data } = await ask<{ call_id: string }>('/call/dial', { phone: PHONE })
  const address = `${other?.url.replace('http', 'ws')}/call/ws?token=${TOKEN}&call_id=${data.call_id}`
  const socket = new WebSocket(address)
  const heard: Int16Array[] = []
  const told: string[] = []
  socket.on('message', (message: Buffer, isBinary) => {
    if (isBinary) heard.push(readFloats(message))
    else told.push(message.toString())
  })
  // The call is taken when its first sound comes.
  await new Promise((resolve) => socket.once('message', resolve))
  const tone = toneOf(600, 16_000 * 8)
  for (let at = 0; at < tone.length; at += 960) socket.send(writeFloats(tone.subarray(at, at + 960)))
  await delay(4_000)
  const { tones } = await call<{ tones: number[] }>(`${control}/calls/${data.call_id}/heard`)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await ask('/call/hangup', { call_id: data.call_id })

  expect(await closed).toBe(1000)
  expect(told).toEqual([JSON.stringify({ type: 'ended', reason: 'hangup' })])
  expect(tones).toContain(600)
  expect(loudnessOf(joinFrames(heard.slice(-30)), 1_000)).toBeGreaterThan(6_000)
})
