import type { ChildProcess } from 'node:child_process'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { LinkedDevice } from '../../src/sandbox/peer/linked-device.ts'
import { Peer } from '../../src/sandbox/peer/peer.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { type Forwarder, startForwarder } from '../helpers/forwarder.ts'
import { freePort } from '../helpers/free-port.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'
import { kill, startServer } from '../helpers/server-process.ts'
import { call, forEachOf, until, WuzapiClient } from '../load/client.ts'
import { Posting } from './posting.ts'

const ADMIN_TOKEN = 'cluster-admin'

/** A server process with a way of its own to the database. */
export interface ClusterNode {
  id: string
  line: Forwarder
  client: WuzapiClient
  start(): Promise<void>
  /** Whether its process has been started and has not ended. */
  isThere(): boolean
  signal(name: NodeJS.Signals): void
  /** Resolves when the process has ended. */
  exited(): Promise<void>
  kill(): Promise<void>
}

/** A user with a linked phone and somebody who writes to it. */
export interface Member {
  id: string
  token: string
  phone: string
  contact: string
}

/** A write of keys: who made it, and who owned the session in that transaction. */
export interface AuditedWrite {
  node: string
  owner: string | null
}

/** Server processes that share one PostgreSQL database and one simulated network. */
export class TestCluster {
  readonly sandbox: Sandbox
  readonly database: TemporaryDatabase
  readonly receiver: Receiver
  readonly nodes: ClusterNode[] = []
  readonly members: Member[] = []
  readonly #sent: string[] = []
  readonly #ids = new Map<string, string>()
  readonly posting = new Posting(() =>
    this.nodes.filter((node) => node.isThere()).map(({ client }) => client.base),
  )
  #traffic: Promise<unknown> | undefined
  #isBusy = false

  private constructor(sandbox: Sandbox, database: TemporaryDatabase, receiver: Receiver) {
    this.sandbox = sandbox
    this.database = database
    this.receiver = receiver
  }

  /** On `given`, or on a database of its own. */
  static async start(given?: TemporaryDatabase): Promise<TestCluster> {
    const database = given ?? (await temporaryDatabase('postgres'))
    const cluster = new TestCluster(
      await startSandbox(),
      database,
      await startReceiver({ timeoutMs: 60_000 }),
    )
    await auditKeys(database)
    return cluster
  }

  async close(): Promise<void> {
    this.#isBusy = false
    await this.#traffic
    await Promise.all(this.nodes.map((node) => node.kill()))
    await Promise.all(this.nodes.map(({ line }) => line.close()))
    await this.receiver.close()
    await this.sandbox.stop()
    await this.database.close()
  }

  /** A node that is not started yet. Its name marks its database connections, for the audit. */
  async node(id: string): Promise<ClusterNode> {
    const url = new URL(this.database.config.databaseUrl ?? '')
    const line = await startForwarder({ host: url.hostname, port: Number(url.port) })
    url.port = String(line.port)
    url.hostname = '127.0.0.1'
    url.searchParams.set('application_name', id)
    const port = await freePort()
    let child: ChildProcess | undefined
    const node: ClusterNode = {
      id,
      line,
      client: new WuzapiClient(`http://127.0.0.1:${port}`, ADMIN_TOKEN),
      start: async () => {
        child = await startServer({
          port,
          network: this.sandbox.url,
          adminToken: ADMIN_TOKEN,
          database: { dataDir: this.database.config.dataDir, databaseUrl: url.href },
          env: { NODE_ID: id, WEBHOOK_FORMAT: 'json', LOG_LEVEL: process.env.CLUSTER_LOG ?? 'silent' },
        })
      },
      isThere: () => child?.exitCode === null && child.signalCode === null,
      signal: (name) => void child?.kill(name),
      exited: async () => {
        await until(`${id} to end`, async () => child?.exitCode !== null || child?.signalCode !== null)
      },
      kill: async () => {
        if (!child) return
        child.kill('SIGCONT')
        await kill(child)
      },
    }
    this.nodes.push(node)
    return node
  }

  /** Creates users on a node and links their phones. */
  async link(node: ClusterNode, count: number): Promise<void> {
    const made = Array.from({ length: count }, (_, index) => ({
      token: `member-${this.members.length + index}`,
      phone: `44790200${String(this.members.length + index).padStart(4, '0')}`,
      contact: `44790300${String(this.members.length + index).padStart(4, '0')}`,
    }))
    await forEachOf(made, 4, async ({ token, phone, contact }) => {
      await node.client.createUser({ name: token, token, webhook: this.receiver.url, events: 'All' })
      await node.client.connect(token)
      await until('a code', () => node.client.showsQr(token))
      await node.client.scan(this.sandbox.controlUrl, token, phone)
      await call(`${this.sandbox.controlUrl}/sandbox/contacts`, { body: { phone: contact, name: contact } })
      const { id } = await this.database.db('users').where('name', token).first('id')
      await until(`${token} to open`, async () => this.isConnected(phone))
      this.members.push({ id, token, phone, contact })
    })
  }

  /** Lets contacts write to everybody, and everybody's programs to their contacts, until it is stopped. */
  begin(pauseMs: number): void {
    this.#isBusy = true
    this.posting.begin(this.members, pauseMs)
    this.#traffic = Promise.all(
      this.members.map(async (member) => {
        for (let number = this.#sent.length; this.#isBusy; number++) {
          const text = `${member.token}/${number}`
          const { controlUrl } = this.sandbox
          const { id } = await call<{ id: string }>(`${controlUrl}/sandbox/contacts/${member.contact}/send`, {
            body: { to: member.phone, text },
          })
          this.#ids.set(text, id)
          this.#sent.push(text)
          await new Promise((resolve) => setTimeout(resolve, pauseMs))
        }
      }),
    )
  }

  /** Ends the writing and waits until all of it has been delivered; tells how many texts there were. */
  async end(): Promise<number> {
    this.#isBusy = false
    await this.#traffic
    await this.posting.end()
    await until('every text at the contacts', async () => this.unread().length === 0, 30_000).catch(() => {
      throw new Error(`accepted and never read: ${JSON.stringify(this.unread())}`)
    })
    await until('every text at the receiver', async () => this.missing().length === 0, 90_000).catch(
      async () => {
        throw new Error(`lost: ${JSON.stringify(await this.#whereabouts(), null, 1)}`)
      },
    )
    return this.#sent.length
  }

  /** Texts that have not been delivered. */
  missing(): string[] {
    const delivered = this.deliveries()
    return this.#sent.filter((text) => !delivered.has(text))
  }

  /** Accepted texts that have not reached their contact. */
  unread(): string[] {
    return this.posting.accepted
      .filter(({ text, contact }) => !this.#readBy(contact).includes(text))
      .map(({ text }) => text)
  }

  /** Accepted texts that reached their contact as several messages. */
  sentTwice(): string[] {
    return this.posting.accepted
      .filter(({ text, contact }) => this.#readBy(contact).filter((one) => one === text).length > 1)
      .map(({ text }) => text)
  }

  #readBy(contact: string): string[] {
    const phone = this.sandbox.network.findAccount(contact)?.devices.get(0)
    return phone instanceof Peer ? phone.messages.flatMap(({ text }) => text ?? []) : []
  }

  /** The ids each text was delivered under. */
  deliveries(): Map<string, Set<string>> {
    const found = new Map<string, Set<string>>()
    for (const { body, event, headers, status } of this.receiver.requests) {
      // The history that a phone sends once it is linked holds what was written until then: an event of its own.
      const isMessage = status === 200 && event.type === 'Message'
      const text = isMessage ? /"(member-\d+\/\d+)"/.exec(body)?.[1] : undefined
      if (text) found.set(text, (found.get(text) ?? new Set()).add(String(headers['webhook-id'])))
    }
    return found
  }

  /** How many sessions each node runs and has open, by the database. */
  async openOn(): Promise<Record<string, number>> {
    const rows: { owner: string; sessions: number }[] = await this.database
      .db('users')
      .select('owner')
      .where('session_state', 'open')
      .whereNotNull('owner')
      .groupBy('owner')
      .count({ sessions: '*' })
    return Object.fromEntries(rows.map(({ owner, sessions }) => [owner, Number(sessions)]))
  }

  async owners(): Promise<Map<string, string>> {
    const rows: { id: string; owner: string }[] = await this.database.db('users').select('id', 'owner')
    return new Map(rows.map(({ id, owner }) => [id, owner]))
  }

  isConnected(phone: string): boolean {
    return this.#devices(phone).some(({ isConnected }) => isConnected)
  }

  /** How often the phone's session logged in although it was connected. */
  replaced(phone: string): number {
    return this.#devices(phone).reduce((sum, one) => sum + this.sandbox.server.overlaps(one).replaced, 0)
  }

  /** Key writes by nodes that did not own the session at that moment. */
  async trespasses(): Promise<AuditedWrite[]> {
    return this.database.db('key_writes').select('node', 'owner').whereRaw('node is distinct from owner')
  }

  /** How far the messages got that have not been delivered. */
  async #whereabouts() {
    const { db } = this.database
    return Promise.all(
      this.missing().map(async (text) => {
        const id = this.#ids.get(text) ?? ''
        const member = this.members.find(({ token }) => text.startsWith(`${token}/`))
        const waiting = this.#devices(member?.phone ?? '').flatMap(({ unacknowledged }) => unacknowledged)
        return {
          text,
          id,
          member,
          isConnected: this.isConnected(member?.phone ?? ''),
          unacknowledged: waiting.some(({ attrs }) => attrs.id === id),
          waiting: waiting.length,
          inbox: await db('inbox')
            .select('dispatched_at', 'failed_at', 'failure', 'received_at')
            .where('attrs', 'like', `%${id}%`),
          events: await db('events').select('type', 'at').where('payload', 'like', `%${id}%`),
          deliveries: await db('deliveries')
            .join('events', 'events.id', 'deliveries.event_id')
            .where('events.payload', 'like', `%${id}%`)
            .select(
              'deliveries.state',
              'deliveries.attempt',
              'deliveries.last_status',
              'deliveries.last_answer',
            ),
        }
      }),
    )
  }

  #devices(phone: string) {
    const devices = this.sandbox.network.findAccount(phone)?.devices.values() ?? []
    return [...devices].filter((device) => device instanceof LinkedDevice)
  }
}

/** Writes down who changes keys, and who owns the session then. */
async function auditKeys({ db }: TemporaryDatabase): Promise<void> {
  await db.raw(`
    create table key_writes (node text, owner text);
    create function audit_keys() returns trigger language plpgsql as $$
    begin
      insert into key_writes
      select current_setting('application_name'), users.owner from users where users.id = coalesce(new.user_id, old.user_id);
      return null;
    end $$;
    create trigger audit_keys after insert or update or delete on auth for each row execute function audit_keys();
  `)
}
