import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { bytesOf } from '../../src/calls/samples.ts'
import { wavHeader } from '../../src/calls/wav.ts'
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

  private constructor(app: TestApp, user: LinkedUser, folder: string) {
    this.app = app
    this.user = user
    this.folder = folder
  }

  static async start(
    { env, ...options }: AppOptions = {},
    fields?: Record<string, unknown>,
  ): Promise<CallScene> {
    const app = await TestApp.start({ ...options, env: { CALLS: 'on', ...env } })
    const user = await app.linkedUser(fields)
    return new CallScene(app, user, await mkdtemp(join(tmpdir(), 'parley-test-')))
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

  async close(): Promise<void> {
    await this.app.close()
    await rm(this.folder, { recursive: true })
  }
}
