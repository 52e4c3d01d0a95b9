import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../load/client.ts'
import { ProcessCluster } from './nodes.ts'

const PHONE = '491719990102'
const CONTACTS = [
  '491719990111',
  '491719990112',
  '491719990113',
  '491719990114',
  '491719990115',
  '491719990116',
]

interface Job {
  id: string
  state: string
  rows: Record<string, number>
}

let cluster: ProcessCluster
let userId: string
beforeAll(async () => {
  cluster = await ProcessCluster.start(['a', 'b'])
  userId = await cluster.link(cluster.node('a'), 'sender', PHONE)
  for (const phone of CONTACTS) await cluster.contact(phone)
}, 120_000)
afterAll(() => cluster.close())

async function ask(url: string, body?: object): Promise<Job> {
  const answer = await fetch(`${url}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { token: 'sender', 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return (await answer.json()) as Job
}

test('a job goes on at another node after kill -9, and nobody gets a message twice', async () => {
  const owner = cluster.node(await cluster.ownerOf(userId))
  const other = cluster.nodes.find((node) => node !== owner) ?? owner
  const rows = CONTACTS.map((phone, at) => ({ phone, text: `Message ${at}` }))
  const bulk = `${other.url}/parley/me/bulk`
  const { id } = await ask(bulk, { name: 'News', perMinute: 60, rows })
  await ask(`${bulk}/${id}/start`, {})
  await until('the second message', async () => ((await ask(`${bulk}/${id}`)).rows.waiting ?? 0) <= 4)

  owner.process.kill('SIGKILL')

  await until('the end', async () => (await ask(`${bulk}/${id}`)).state === 'done', 60_000)
  for (const [at, phone] of CONTACTS.entries())
    expect((await cluster.received(phone)).map(({ text }) => text)).toEqual([`Message ${at}`])
}, 120_000)
