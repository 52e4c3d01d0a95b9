import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { ADMIN_TOKEN, type ClusterProcess, ProcessCluster } from '../../cluster/nodes.ts'
import { call, until } from '../../load/client.ts'

const CONTACT = '491719990001'
const PHONE = '491719990002'

let cluster: ProcessCluster
let userId: string
beforeAll(async () => {
  cluster = await ProcessCluster.start(['a', 'b'], { ENABLE_WEBSOCKET: 'true' })
  userId = await cluster.link(cluster.node('a'), 'shop', PHONE)
  await call(`${cluster.sandbox.controlUrl}/sandbox/contacts`, { body: { phone: CONTACT, name: 'Ann' } })
}, 120_000)
afterAll(() => cluster.close())

interface Told {
  socket: WebSocket
  events: string[]
}

async function listenAt(node: ClusterProcess, key = ADMIN_TOKEN): Promise<Told> {
  const socket = new WebSocket(`${node.url.replace('http', 'ws')}/wago-api/ws/shop`, {
    headers: { 'X-Api-Key': key },
  })
  const events: string[] = []
  socket.on('message', (text) => events.push(JSON.parse(String(text)).event))
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return { socket, events }
}

test('a stream ends with its token, whichever node it came through and whichever changed the token', async () => {
  const owner = cluster.node(await cluster.ownerOf(userId))
  const other = cluster.nodes.find((node) => node !== owner) ?? owner
  const streams = [await listenAt(owner, 'shop'), await listenAt(other, 'shop')]
  const closed = streams.map(
    ({ socket }) =>
      new Promise((resolve) => socket.once('close', (code, reason) => resolve([code, String(reason)]))),
  )

  const changed = await fetch(`${other.url}/admin/users/${userId}`, {
    method: 'PUT',
    headers: { authorization: ADMIN_TOKEN },
    body: JSON.stringify({ token: 'another' }),
  })
  const changedAt = performance.now()

  expect(changed.status).toBe(200)
  expect(await Promise.all(closed)).toEqual(Array(2).fill([1008, 'the key is not valid any more']))
  expect(performance.now() - changedAt).toBeLessThan(10_000)
}, 60_000)

test('a user is deleted at one node, its phone unlinked by the node that has the session, and the answer says so', async () => {
  const phone = '491719990003'
  const id = await cluster.link(cluster.node('a'), 'leaver', phone)
  const owner = await cluster.ownerOf(id)
  const other = cluster.nodes.find((node) => node.id !== owner) ?? cluster.node('a')

  const answer = await fetch(`${other.url}/admin/users/${id}`, {
    method: 'DELETE',
    headers: { authorization: ADMIN_TOKEN },
  })

  expect(await answer.json()).toMatchObject({ success: true, unlinked: 'yes' })
  expect([...(cluster.sandbox.network.findAccount(phone)?.devices.keys() ?? [])]).toEqual([0])
}, 60_000)

test('a stream tells what happens to a session on another node, and ends with that node', async () => {
  const owner = cluster.node(await cluster.ownerOf(userId))
  const other = cluster.nodes.find((node) => node !== owner) ?? owner
  const { socket, events } = await listenAt(other)
  const closed = new Promise((resolve) => socket.once('close', resolve))

  await call(`${cluster.sandbox.controlUrl}/sandbox/contacts/${CONTACT}/send`, {
    body: { to: PHONE, text: 'across' },
  })
  await until('the message', async () => events.includes('message'))
  owner.process.kill('SIGKILL')
  await closed

  expect(events).toContain('message')
})
