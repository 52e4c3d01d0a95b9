import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { bytesOf } from '../../src/calls/samples.ts'
import { wavHeader } from '../../src/calls/wav.ts'
import type { Event } from '../../src/events/event.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import type { LoggedStanza } from '../../src/sandbox/server/stanza-log.ts'
import type { Call, SessionCalls } from '../../src/whatsapp/calls/calls.ts'
import type { LiveSession } from '../../src/whatsapp/session/session.ts'
import { type AppOptions, type LinkedUser, TestApp } from '../helpers/app.ts'
import { loudnessOf, toneOf } from './tones.ts'

/** Whatever the sandbox answers: tests look into it freely. */
type Json = ReturnType<typeof JSON.parse>

/** A server with voice calls, a user whose phone is linked, and files that can be played. */
export class CallScene {
  readonly app: TestApp
  readonly user: LinkedUser
  readonly folder: string
  readonly sandbox: Sandbox
  /** What was recorded for the user, oldest first. */
  readonly events: Event[] = []

  private constructor(
    app: TestApp,
    user: LinkedUser,
    { folder, sandbox }: { folder: string; sandbox: Sandbox },
  ) {
    this.app = app
    this.user = user
    this.folder = folder
    this.sandbox = sandbox
    this.#listen()
  }

  static async start(
    { env, ...options }: AppOptions = {},
    fields?: Record<string, unknown>,
  ): Promise<CallScene> {
    const sandbox = await startSandbox()
    const settings = { CALLS: 'on', WHATSAPP_NETWORK: sandbox.url, ...env }
    const app = await TestApp.start({ ...options, env: settings })
    const user = await app.linkedUser(fields)
    return new CallScene(app, user, { folder: await mkdtemp(join(tmpdir(), 'parley-test-')), sandbox })
  }

  /** Stops the server and starts another one on its database; whatever happens in between, happens without it. */
  async restart(meanwhile: () => Promise<void> = async () => {}): Promise<CallScene> {
    const { user, folder, sandbox } = this
    await this.app.stop()
    await meanwhile()
    const env = { CALLS: 'on', WHATSAPP_NETWORK: sandbox.url }
    const app = await TestApp.start({ env, reuse: this.app.place })
    const next = new CallScene(app, user, { folder, sandbox })
    await next.open()
    return next
  }

  /** Waits until the session is open. */
  async open(): Promise<void> {
    const { sessions } = this.app.parley.services
    await this.app.waitFor('the session to open', () => sessions.find(this.user.id)?.status.state === 'open')
  }

  get session(): LiveSession {
    return this.app.parley.services.sessions.live(this.user.id)
  }

  get calls(): SessionCalls {
    if (!this.session.calls) throw new Error('calls are switched off')
    return this.session.calls
  }

  /** A contact, and what it does when it is called. */
  async contact(phone: string, behaviour: object = {}): Promise<string> {
    await this.app.contact(phone)
    await this.app.sandbox('POST', `/contacts/${phone}/calls`, behaviour)
    return phone
  }

  /** A contact calls the user; gives the id of the call. */
  async ring(phone: string, script: object = {}): Promise<string> {
    const { callId } = await this.app.sandbox('POST', `/contacts/${phone}/call`, {
      to: this.user.phone,
      ...script,
    })
    return callId
  }

  /** The calls of a contact, by device. */
  async phoneCalls(phone: string): Promise<Json[]> {
    const { calls } = await this.app.sandbox('GET', `/contacts/${phone}/calls`)
    return calls
  }

  /** What a contact has heard. */
  heardBy(phone: string, id: string): Promise<Json> {
    return this.app.sandbox('GET', `/contacts/${phone}/calls/${id}/heard`)
  }

  /** Waits until a call stands so. */
  reached(id: string, state: Call['state']): Promise<Call> {
    return this.app.waitFor(`the call to be ${state}`, () => {
      const call = this.calls.find(id)
      return call?.state === state ? call : undefined
    })
  }

  /** A file with a tone of a minute. */
  async toneFile(hz: number): Promise<string> {
    const path = join(this.folder, `${hz}.wav`)
    const samples = bytesOf(toneOf(hz, 60 * 16_000))
    await writeFile(path, Buffer.concat([wavHeader(1, samples.length), samples]))
    return path
  }

  /** How loud tones are that the other end says, as the server hears it for so many milliseconds. */
  async loudness(id: string, ms: number, ...tones: number[]): Promise<number[]> {
    const path = join(this.folder, `${randomUUID()}.wav`)
    const media = this.calls.mediaOf(id)
    await media.record(path, 'stereo')
    await delay(ms)
    await media.stopRecording()
    const bytes = (await readFile(path)).subarray(44)
    const peer = Int16Array.from({ length: bytes.length >> 2 }, (_, at) => bytes.readInt16LE(at * 4))
    return tones.map((hz) => loudnessOf(peer, hz))
  }

  /** Tags of the steps of a call that crossed the connection in one direction, with whom they go to. */
  steps(direction: LoggedStanza['direction'], id: string): string[] {
    return this.stanzas(direction, id).map(({ stanza }) => {
      const [step] = Array.isArray(stanza.content) ? stanza.content : []
      const reason = step?.attrs.reason ? ` ${step.attrs.reason}` : ''
      return `${step?.tag}${reason} ${stanza.attrs.to ?? stanza.attrs.from}`
    })
  }

  /** The same as they were. */
  stanzas(direction: LoggedStanza['direction'], id: string): LoggedStanza[] {
    return this.sandbox.server.stanzas.list(({ direction: way, stanza }) => {
      const [step] = Array.isArray(stanza.content) ? stanza.content : []
      return way === direction && stanza.tag === 'call' && step?.attrs['call-id'] === id
    })
  }

  /** The states of a call that were told, with the reason of its end. */
  told(id: string): string[] {
    return this.events.flatMap((event) =>
      event.type === 'call.state' && event.callId === id
        ? [event.reason ? `${event.state} ${event.reason}` : event.state]
        : [],
    )
  }

  /** LID of somebody, with a device where it is not the phone. */
  lidOf(phone: string, device = 0): string {
    return this.sandbox.network.findAccount(phone)?.lidJid(device) ?? ''
  }

  #listen(): void {
    this.app.parley.services.events.listen((userId, recorded) => {
      if (userId === this.user.id) this.events.push(...recorded.map(({ event }) => event))
    })
  }

  async close(): Promise<void> {
    await this.app.close()
    await this.sandbox.stop()
    await rm(this.folder, { recursive: true })
  }
}
