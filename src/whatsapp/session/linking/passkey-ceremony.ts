import { ApiError } from '../../../lib/errors.ts'
import { randomBytes } from '../../../lib/random.ts'
import { type BinaryNode, Curve, proto, type WASocket } from '../../library/engine.ts'
import { child, textOf } from '../../wire/node.ts'
import { readAssertion } from './passkey-assertion.ts'
import {
  type CompanionOpening,
  comparisonCode,
  deriveHandoffKey,
  derivePairingKey,
  encodePrologue,
  encryptPairingRequest,
  type PrimaryAnswer,
  proveHandoff,
  readPrimaryAnswer,
} from './passkey-crypto.ts'
import type { LinkingRules } from './rules.ts'
import { askService, refusedBy, type ServiceSocket } from './service.ts'

/** How far a ceremony is: the browser is waited for, WhatsApp, the phone, the person, the phone again. */
export type PasskeyStage = 'required' | 'submitting' | 'awaitingPhone' | 'confirm' | 'finishing'

/** Why a ceremony ended without a link. */
export type PasskeyFailure =
  | 'no_answer'
  | 'phone_did_not_continue'
  | 'not_confirmed'
  | 'phone_did_not_finish'
  | 'refused'
  | 'bad_phone_answer'
  | 'cancelled'
  | 'connection_lost'

/** What people and programs see of a ceremony. */
export interface PasskeyView {
  stage: PasskeyStage
  /** The question for the browser as WhatsApp wrote it: JSON that `PublicKeyCredential` takes. */
  options: string
  /** To compare with the phone, `XXXX-XXXX`; '' until it is known. */
  code: string
  /** The phone knows this device by what it has scanned, so that nobody has to compare. */
  skipHandoff: boolean
  /** When the present stage ends without an answer, unix milliseconds. */
  endsAt: number
}

/** What hears of a ceremony. Called in order, and never after its end. */
export interface PasskeyListener {
  /** The browser has to answer a question, the first or a fresh one. */
  onRequired(view: PasskeyView): void
  onStage(view: PasskeyView): void
  /** The code is known; `isAutomatic` when it is being confirmed already. */
  onCode(view: PasskeyView, isAutomatic: boolean): void
  /** `isContinuation`: the phone had answered before. */
  onFailed(failure: PasskeyFailure, isContinuation: boolean): void
}

/** What a ceremony needs of the connection it runs on. */
export type PasskeySocket = ServiceSocket &
  Pick<WASocket, 'ev'> & {
    authState: Pick<WASocket['authState'], 'creds'>
  }

/** How often a question that ran out is replaced by a fresh one: nobody may be there. */
const MAX_REFRESHES = 3
const MAX_OPTIONS_BYTES = 4_096
const MAX_REF_BYTES = 1_024
/** This device is registered as a browser. */
const DEVICE_TYPE = proto.DeviceProps.PlatformType.CHROME

/**
 * One attempt to link with a passkey, from WhatsApp's demand to the moment before `pair-success`. It keeps everything in
 * memory: with the process, or with the connection, it is over. Its secret replaces the one of the credentials as soon as
 * the phone has got it, in the same turn, and never before: until then the code that was scanned stays good.
 */
export class PasskeyCeremony {
  readonly #socket: PasskeySocket
  readonly #rules: LinkingRules
  readonly #listener: PasskeyListener
  readonly #handoff: { key: Buffer; until: number }
  readonly #linkingSecret = randomBytes(32)
  #options: string
  #stage: PasskeyStage = 'required'
  #code = ''
  #skipHandoff = false
  #endsAt = 0
  #refreshes = 0
  #isOver = false
  #isLinked = false
  #timer: NodeJS.Timeout | undefined
  #opening: CompanionOpening | undefined
  #primary: PrimaryAnswer | undefined

  constructor(socket: PasskeySocket, options: string, rules: LinkingRules, listener: PasskeyListener) {
    this.#socket = socket
    this.#rules = rules
    this.#listener = listener
    this.#options = options
    const scanned = Buffer.from(socket.authState.creds.advSecretKey, 'base64')
    this.#handoff = { key: deriveHandoffKey(scanned), until: Date.now() + rules.handoffMs }
  }

  /** Waits for the browser from now on. */
  begin(): void {
    this.#awaitBrowser()
  }

  get view(): PasskeyView {
    return {
      stage: this.#stage,
      options: this.#options,
      code: this.#code,
      skipHandoff: this.#skipHandoff,
      endsAt: this.#endsAt,
    }
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** WhatsApp has asked once more: what was asked before is void, and the attempt goes on. */
  renewOptions(options: string): void {
    if (this.#isOver) return
    this.#options = options
    if (this.#stage === 'required') this.#awaitBrowser()
  }

  /**
   * Takes the answer of the browser and asks the phone to go on; resolves when WhatsApp has taken it, which says nothing of
   * whether it was right. Throws `invalid_field` for what cannot be right, `conflict` when no answer is waited for, and
   * `upstream_refused` when WhatsApp refuses, with which the attempt is over.
   */
  async respond(given: unknown): Promise<void> {
    if (this.#isOver || this.#stage !== 'required')
      throw new ApiError('conflict', { text: 'an answer of the passkey is not waited for now' })
    const assertion = readAssertion(given, this.#options)
    this.#enter('submitting', this.#rules.queryMs * 2)
    await this.#step(async () => {
      const opening = {
        keys: Curve.generateKeyPair(),
        nonce: randomBytes(32),
        ref: await this.#fetch('ref', MAX_REF_BYTES),
        deviceType: DEVICE_TYPE,
      }
      this.#opening = opening
      const prologue = encodePrologue(opening)
      this.#skipHandoff = Date.now() < this.#handoff.until
      const proof = this.#skipHandoff
        ? [part('pairing_handoff_proof', proveHandoff(this.#handoff.key, prologue))]
        : []
      await this.#tell('passkey_prologue', [
        part('credential_id', assertion.credentialId),
        part('webauthn_assertion', Buffer.from(assertion.json)),
        part('prologue_payload', prologue),
        ...proof,
      ])
    })
    // The phone may have been faster than this turn.
    if (this.view.stage === 'submitting')
      this.#enter('awaitingPhone', this.#rules.stageMs, 'phone_did_not_continue')
  }

  /** Takes what the phone says of itself, and shows the code. Never rejects. */
  async takePrimary(answer: Uint8Array): Promise<void> {
    const opening = this.#opening
    if (this.#isOver || !opening || this.#primary) return
    try {
      this.#primary = readPrimaryAnswer(answer)
      await this.#step(() => this.#tell('companion_nonce', Buffer.from(opening.nonce)))
    } catch (error) {
      // A refusal has ended the attempt already.
      if (!(error instanceof ApiError)) this.fail('bad_phone_answer')
      return
    }
    this.#code = comparisonCode(opening.nonce, this.#primary)
    const isAutomatic = this.#skipHandoff && this.#rules.confirm === 'auto'
    this.#enter('confirm', this.#rules.stageMs, 'not_confirmed')
    this.#listener.onCode(this.view, isAutomatic)
    if (isAutomatic) await this.confirm().catch(() => {})
  }

  /**
   * The person says that the code is the one on the phone; resolves when the phone has been told. Throws `conflict` when
   * there is no code, and as `respond` does.
   */
  async confirm(): Promise<void> {
    const [opening, primary] = [this.#opening, this.#primary]
    if (this.#isOver || this.#stage !== 'confirm' || !opening || !primary)
      throw new ApiError('conflict', { text: 'there is no code to confirm now' })
    this.#enter('finishing', this.#rules.stageMs, 'phone_did_not_finish')
    await this.#step(async () => {
      const { creds } = this.#socket.authState
      const request = encryptPairingRequest(
        {
          noiseKey: creds.noiseKey.public,
          identityKey: creds.signedIdentityKey.public,
          linkingSecret: this.#linkingSecret,
        },
        { key: derivePairingKey(opening, primary), iv: randomBytes(12) },
      )
      await this.#tell('encrypted_pairing_request', request, () => this.#adoptSecret())
    })
  }

  /** Ends the attempt: it was given up, or the connection is gone. */
  fail(failure: PasskeyFailure): void {
    if (this.#isOver) return
    this.close()
    this.#listener.onFailed(failure, this.#primary !== undefined)
  }

  /** The phone is linked. That may be heard before the answer to the last step, which has not failed then. */
  succeed(): void {
    this.#isLinked = true
    this.close()
  }

  /** Ends it without a word: the session stops. */
  close(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#handoff.key.fill(0)
  }

  #awaitBrowser(): void {
    this.#enter('required', this.#rules.optionsMs)
    this.#listener.onRequired(this.view)
  }

  #enter(stage: PasskeyStage, ms: number, failure?: PasskeyFailure): void {
    this.#stage = stage
    this.#endsAt = Date.now() + ms
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (failure) this.fail(failure)
      else if (stage === 'required') void this.#refresh()
      else this.fail('refused')
    }, ms).unref()
    if (stage !== 'required') this.#listener.onStage(this.view)
  }

  /** A question that ran out is replaced, so that the page need not be opened anew. */
  async #refresh(): Promise<void> {
    if (this.#refreshes++ >= MAX_REFRESHES) return this.fail('no_answer')
    try {
      const options = await this.#fetch('passkey_request_options', MAX_OPTIONS_BYTES)
      if (this.#stage === 'required') this.renewOptions(options)
    } catch {
      this.fail('no_answer')
    }
  }

  /** The phone knows the new secret from now on: `pair-success` may follow in the same breath. */
  #adoptSecret(): void {
    if (this.#isOver) return
    const advSecretKey = this.#linkingSecret.toString('base64')
    // The library reads the secret from this very object.
    this.#socket.authState.creds.advSecretKey = advSecretKey
    this.#socket.ev.emit('creds.update', { advSecretKey })
  }

  /** A part of the attempt; when it fails, the attempt is over. */
  async #step(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (this.#isLinked) return
      this.fail('refused')
      throw error instanceof ApiError ? error : new ApiError('upstream_refused', {}, { cause: error })
    }
    if (this.#isOver && !this.#isLinked)
      throw new ApiError('conflict', { text: 'this linking is over: begin anew' })
  }

  async #fetch(tag: string, most: number): Promise<string> {
    const content = { tag, attrs: {} }
    const answer = await askService(this.#socket, { type: 'get', content, timeoutMs: this.#rules.queryMs })
    const text = textOf(child(answer, tag))
    if (text === '' || Buffer.byteLength(text) > most) throw refusedBy(`no ${tag} in the answer`)
    return text
  }

  async #tell(tag: string, inside: BinaryNode['content'], onTaken?: () => void): Promise<void> {
    const content = { tag, attrs: {}, content: inside }
    await askService(this.#socket, { type: 'set', content, timeoutMs: this.#rules.queryMs, onTaken })
  }
}

/** The question in a notification or an answer; undefined when there is none, throws when it is no JSON object. */
export function readOptions(node: BinaryNode): string | undefined {
  const holder = child(node, 'passkey_request_options')
  if (!holder) return undefined
  const text = textOf(holder)
  if (text === '' || Buffer.byteLength(text) > MAX_OPTIONS_BYTES) throw new Error('a question of an odd size')
  const question: unknown = JSON.parse(text)
  if (typeof question !== 'object' || question === null || !('challenge' in question))
    throw new Error('a question without a challenge')
  return text
}

function part(tag: string, content: Uint8Array): BinaryNode {
  return { tag, attrs: {}, content }
}
