import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kill, terminate } from '../helpers/server-process.ts'
import { call, until } from '../load/client.ts'
import { ADMIN_TOKEN, type ClusterProcess, ProcessCluster } from './nodes.ts'

const CONTACT = '447902000001'
const USERS = ['ann', 'bob', 'cid']
const OWN_PHONES = ['447902000100', '447902000101', '447902000102']
/** Each client of the traffic writes to a contact of its own. */
const contactOf = (client: number) => `44790200020${client}`

/** Three processes, one PostgreSQL, one simulated network; every test leaves all three running. */
describe('three nodes as one server', () => {
  let cluster: ProcessCluster
  const ids = new Map<string, string>()

  beforeAll(async () => {
    cluster = await ProcessCluster.start(['a', 'b', 'c'])
    for (const phone of [CONTACT, ...USERS.map((_token, index) => contactOf(index))])
      await cluster.contact(phone)
    // Each begins at another node, which then owns it.
    for (const [index, token] of USERS.entries()) {
      const node = cluster.nodes[index]
      if (node) ids.set(token, await cluster.link(node, token, OWN_PHONES[index] ?? ''))
    }
  }, 180_000)
  afterAll(() => cluster.close())

  const ownerOf = async (token: string) => cluster.node(await cluster.ownerOf(ids.get(token) ?? ''))
  const others = (owner: ClusterProcess) => cluster.nodes.filter((node) => node !== owner)
  const sent = async (words: string, contact = CONTACT) =>
    (await cluster.received(contact)).filter(({ text }) => text === words).length

  test('a text posted to any of them is sent once', async () => {
    for (const node of cluster.nodes)
      for (const token of USERS) await node.client.sendText(token, CONTACT, `${token} by ${node.id}`)

    await until('the texts', async () => (await sent('cid by a')) === 1)
    for (const node of cluster.nodes)
      for (const token of USERS) expect(await sent(`${token} by ${node.id}`)).toBe(1)
  })

  test('the answers of all are those of the owner', async () => {
    const owner = await ownerOf('ann')
    const [other] = others(owner)

    for (const path of ['/session/status', '/user/contacts', '/chat/history', '/group/list']) {
      const [direct, passedOn] = [await rawAnswer(owner.url + path), await rawAnswer(`${other?.url}${path}`)]
      expect(passedOn).toBe(direct)
    }
  })

  test('a file of 60 MB streams through a node that does not have the session', async () => {
    const owner = await ownerOf('bob')
    const [other] = others(owner)
    if (!other) throw new Error('no other node')
    const file = randomBytes(60 * 1024 * 1024)
    const upload = async () => {
      const form = new FormData()
      form.set('Phone', CONTACT)
      form.set('FileName', 'large.bin')
      form.set('Document', new Blob([file], { type: 'application/octet-stream' }), 'large.bin')
      const answer = await fetch(`${other.url}/chat/send/document`, {
        method: 'POST',
        headers: { token: 'bob' },
        body: form,
      })
      return { status: answer.status, text: await answer.text() }
    }
    const before = rssMb(other)
    let peak = before
    const watching = setInterval(() => {
      peak = Math.max(peak, rssMb(other))
    }, 10)

    const answer = await upload()

    clearInterval(watching)
    expect(answer).toMatchObject({ status: 200 })
    // Node cleans up what has passed through now and then.
    expect(peak - before).toBeLessThan(40)
  })

  test('a code that waits at one node is shown, and scanned, at the others', async () => {
    const [a, b, c] = cluster.nodes
    const { id } = await cluster.admin<{ id: string }>('/admin/users', { name: 'dan', token: 'dan' })
    await b?.client.connect('dan')
    await until('a code', async () => Boolean(await a?.client.showsQr('dan')))

    // Nodes tell each other within a moment how their sessions stand.
    let shown = ''
    await until('the code at another node', async () => {
      const [user] = await cluster.admin<{ qrcode: string }[]>(`/admin/users/${id}`, undefined, c)
      shown = user?.qrcode ?? ''
      return shown !== ''
    })
    await call(`${a?.url}/sandbox/scan`, {
      headers: { authorization: ADMIN_TOKEN, token: 'dan' },
      body: { phone: '447902000199' },
    })

    expect(shown).toMatch(/^data:image/)
    await until('the session to open', async () => Boolean(await c?.client.isLoggedIn('dan')))
    await call(`${c?.url}/session/logout`, { method: 'POST', headers: { token: 'dan' } })
  })

  test('a request that is repeated at another node, also after its owner died, gets the first answer', async () => {
    const agent = new Agent({ keepAlive: true })
    const text = { token: 'ann', words: 'only once', agent, headers: { 'idempotency-key': 'once' } }
    const owner = await ownerOf('ann')
    const [first, second] = others(owner)

    const answers = [
      await postText(first?.url ?? '', text),
      await postText(second?.url ?? '', text),
      await postText(owner.url, text),
    ]
    await kill(owner.process)
    await until('another owner', async () => (await ownerOf('ann')) !== owner)
    answers.push(await postText(second?.url ?? '', text))
    await owner.start()
    agent.destroy()

    expect(new Set(answers).size).toBe(1)
    expect(await sent('only once')).toBe(1)
  })

  test('all can be restarted, one after the other, without a request that fails', async () => {
    const before = await cluster.overlaps(OWN_PHONES)
    const traffic = startTraffic(cluster.nodes)
    await traffic.carries(20)

    for (const node of cluster.nodes) {
      expect(await terminate(node.process)).toBe(0)
      await traffic.carries(10)
      await node.start()
      await traffic.carries(10)
    }
    const { failures, words } = await traffic.stop()

    expect(failures).toEqual([])
    for (const [client, own] of words.entries()) {
      const contact = contactOf(client)
      await until('the last text', async () => (await sent(own.at(-1) ?? '', contact)) > 0)
      // Contacts remember the last few hundred.
      const arrived = (await cluster.received(contact)).map(({ text }) => text).slice(-own.length)
      expect(arrived).toEqual(own.slice(-arrived.length))
    }
    expect(await cluster.overlaps(OWN_PHONES)).toEqual(before)
  }, 300_000)

  test('passing a text on costs little', async () => {
    const owner = await ownerOf('cid')
    const [other] = others(owner)
    const agent = new Agent({ keepAlive: true })
    const median = async (node: ClusterProcess | undefined) => {
      const times: number[] = []
      for (let n = 0; n < 21; n++) {
        const from = performance.now()
        await postText(node?.url ?? '', { token: 'cid', words: `measured ${n}`, agent })
        times.push(performance.now() - from)
      }
      return times.sort((a, b) => a - b)[10] ?? 0
    }
    await median(owner)
    const [direct, passedOn] = [await median(owner), await median(other)]
    agent.destroy()

    expect(passedOn - direct).toBeLessThan(100)
  })
})

/** Clients that send texts all the time, each to a node chosen by chance, and to another one when that refuses to connect. */
function startTraffic(nodes: ClusterProcess[]) {
  const failures: string[] = []
  const words: string[][] = USERS.map(() => [])
  let isOver = false

  async function post(one: Text): Promise<boolean> {
    for (;;) {
      const node = nodes[Math.floor(Math.random() * nodes.length)]
      try {
        await postText(node?.url ?? '', one)
        return true
      } catch (error) {
        const isRefused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
        if (isRefused) continue
        failures.push(`${one.words}: ${error}`)
        return false
      }
    }
  }

  async function send(token: string, client: number): Promise<void> {
    const agent = new Agent({ keepAlive: true })
    for (let n = 0; !isOver; n++) {
      const text = `${token} ${n}`
      if (await post({ token, words: text, agent, contact: contactOf(client) })) words[client]?.push(text)
    }
    agent.destroy()
  }

  const clients = Promise.all(USERS.map(send))
  return {
    /** Resolves when so many more texts have been sent. */
    async carries(count: number): Promise<void> {
      const enough = words.flat().length + count
      await until(`${count} more texts`, async () => words.flat().length >= enough || failures.length > 0)
    },
    async stop() {
      isOver = true
      await clients
      return { failures, words }
    },
  }
}

function rssMb({ process }: ClusterProcess): number {
  const status = readFileSync(`/proc/${process.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}

/** Status, header lines and body of an answer, without what chance decides. */
function rawAnswer(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { headers: { token: 'ann' } }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk) => chunks.push(chunk))
      answer.on('end', () => {
        const lines = answer.rawHeaders
          .join('\n')
          .replace(/Request-Id\n.*/, '')
          .replace(/Date\n.*/, '')
        resolve(`${answer.statusCode} ${answer.statusMessage}\n${lines}\n${Buffer.concat(chunks)}`)
      })
    })
      .on('error', reject)
      .end()
  })
}

interface Text {
  token: string
  words: string
  agent: Agent
  headers?: Record<string, string>
  contact?: string
}

/** Sends a text over a kept connection; rejects for anything but a success. */
function postText(url: string, { token, words, agent, headers, contact = CONTACT }: Text): Promise<string> {
  const body = JSON.stringify({ Phone: contact, Body: words })
  return new Promise((resolve, reject) => {
    httpRequest(
      `${url}/chat/send/text`,
      { method: 'POST', agent, headers: { token, 'content-length': Buffer.byteLength(body), ...headers } },
      (answer) => {
        let text = ''
        answer.on('data', (chunk) => {
          text += chunk
        })
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve(text) : reject(new Error(`${answer.statusCode}: ${text}`)),
        )
      },
    )
      .on('error', reject)
      .end(body)
  })
}
