import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { LinkedDevice } from '../../src/sandbox/peer/linked-device.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { freePort } from '../helpers/free-port.ts'
import { kill, startServer } from '../helpers/server-process.ts'
import { call, until, WuzapiClient } from '../load/client.ts'

export const ADMIN_TOKEN = 'cluster-admin'

/** A node as a process of its own. */
export interface ClusterProcess {
  id: string
  url: string
  client: WuzapiClient
  process: ChildProcess
  /** Starts the program again, on the same port with the same data. */
  start(): Promise<void>
}

/** A database, a simulated network, and the processes that share both. */
export class ProcessCluster {
  readonly sandbox: Sandbox
  readonly database: TemporaryDatabase
  readonly nodes: ClusterProcess[] = []
  readonly #folders: string[] = []

  private constructor(sandbox: Sandbox, database: TemporaryDatabase) {
    this.sandbox = sandbox
    this.database = database
  }

  static async start(ids: string[], env: Record<string, string> = {}): Promise<ProcessCluster> {
    const cluster = new ProcessCluster(await startSandbox(), await temporaryDatabase('postgres'))
    await Promise.all(ids.map((id) => cluster.add(id, env)))
    return cluster
  }

  async add(id: string, env: Record<string, string> = {}): Promise<ClusterProcess> {
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-node-'))
    this.#folders.push(dataDir)
    const port = await freePort()
    const place = {
      port,
      network: this.sandbox.url,
      adminToken: ADMIN_TOKEN,
      database: { dataDir, databaseUrl: this.database.config.databaseUrl },
      env: { ENCRYPTION_KEY: 'the key of all nodes', NODE_ID: id, ...env },
    }
    const url = `http://127.0.0.1:${port}`
    const node: ClusterProcess = {
      id,
      url,
      client: new WuzapiClient(url, ADMIN_TOKEN),
      process: await startServer(place),
      start: async () => {
        node.process = await startServer(place)
      },
    }
    this.nodes.push(node)
    this.nodes.sort((one, other) => one.id.localeCompare(other.id))
    return node
  }

  /** A user whose phone is linked and whose session is open, begun at one of the nodes. */
  async link(node: ClusterProcess, token: string, phone: string): Promise<string> {
    const { client } = node
    const { id } = await this.admin<{ id: string }>('/admin/users', { name: token, token, events: '' })
    await client.connect(token)
    await until('a code', () => client.showsQr(token))
    await client.scan(this.sandbox.controlUrl, token, phone)
    await until('the session to open', () => client.isLoggedIn(token))
    return id
  }

  /** Asks for what an administrator may see or do, at the first node unless another is named. */
  async admin<Answer>(path: string, body?: unknown, node = this.nodes[0]): Promise<Answer> {
    const { data } = await call<{ data: Answer }>(`${node?.url}${path}`, {
      headers: { authorization: ADMIN_TOKEN },
      body,
    })
    return data
  }

  /** Id of the node that has a user's session. */
  async ownerOf(userId: string): Promise<string | null> {
    const row = await this.database.db('users').where('id', userId).first('owner')
    return row?.owner ?? null
  }

  /** The node with that id. */
  node(id: string | null): ClusterProcess {
    const found = this.nodes.find((node) => node.id === id)
    if (!found) throw new Error(`there is no node ${id}`)
    return found
  }

  /** What a contact of the simulated network has decrypted. */
  async received(phone: string): Promise<{ id: string; text?: string; sizeBytes?: number }[]> {
    const { messages } = await call<{ messages: { id: string; text?: string }[] }>(
      `${this.sandbox.controlUrl}/sandbox/contacts/${phone}/messages`,
    )
    return messages
  }

  /** How often the linked devices of these phones were replaced by themselves, and how often they were there twice. */
  async overlaps(phones: string[]): Promise<unknown[]> {
    const seen = phones.flatMap((phone) => [
      ...(this.sandbox.network.findAccount(phone)?.devices.values() ?? []),
    ])
    return seen
      .filter((device) => device instanceof LinkedDevice)
      .map((device) => this.sandbox.server.overlaps(device))
  }

  async contact(phone: string): Promise<void> {
    await call(`${this.sandbox.controlUrl}/sandbox/contacts`, { body: { phone, name: phone } })
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => kill(node.process)))
    await this.sandbox.stop()
    await this.database.close()
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true, force: true })))
  }
}
