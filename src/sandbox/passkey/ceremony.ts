import { randomBytes, randomInt } from 'node:crypto'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { Registration } from '../peer/linked-device.ts'
import { answer, badRequest, refusal } from '../server/before-linking.ts'
import { children, node } from '../world/node.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { verifyAssertion } from './assertion.ts'
import type { AccountPasskey, PasskeyDemand } from './demand.ts'
import { newPasskeyOptions } from './options.ts'
import { type EphemeralIdentity, PasskeyPhone, readEphemeralIdentity } from './phone.ts'
import { convince, Silence } from './silence.ts'
import { type Prologue, readNonce, readPairingRequest, readPrologue } from './stanzas.ts'

const ASKED = 'passkey_prologue_request'
const CONTINUED = 'crsc_continuation'

/** Who is being linked, and what the ceremony may do about it. */
export interface CeremonyHost {
  registration: Registration
  /** The linking secret before the ceremony: from the QR code, or of the exchange by letters. */
  advSecret: Buffer
  /** Returns the id of what it sent. */
  notify(type: string, content: BinaryNode[], from?: string): string
  /** Sends `pair-success`, authenticated by that secret. */
  offer(advSecret: Buffer): void
  /** Nothing follows any more, for a reason that the companion is not told. */
  silent(reason: string): void
}

/**
 * Where a ceremony is: the request is out, the prologue is taken, the phone has shown its key, both know the code, the
 * sealed request is taken, `pair-success` is out, done; or nothing follows, or it has ended.
 */
type Stage = 'asked' | 'taken' | 'continued' | 'met' | 'requested' | 'offered' | 'linked' | 'silent' | 'over'

/** What a prologue began. */
interface Attempt {
  phone: PasskeyPhone
  prologue: Prologue
  identity: EphemeralIdentity
}

/**
 * Linking with a passkey, from the moment the phone has read the code: the service's side and the phone's. Like the real
 * ones it never says that it is not convinced; it falls silent, and the control plane tells why.
 */
export class PasskeyCeremony {
  readonly #passkey: AccountPasskey
  readonly #host: CeremonyHost
  readonly #startedWith: PasskeyDemand
  readonly #startedAt = Date.now()
  readonly #acks = new Acknowledgements()
  #stage: Stage = 'asked'
  #options: { challenge: string; json: string; at: number; isUsed: boolean }
  #ref: string | undefined
  #attempt: Attempt | undefined
  #code: string | undefined
  #isAccepted = false
  #newSecret: Buffer | undefined
  #verified: string[] = []
  #reason: string | undefined

  constructor(passkey: AccountPasskey, demand: PasskeyDemand, host: CeremonyHost) {
    this.#passkey = passkey
    this.#startedWith = demand
    this.#host = host
    this.#options = this.#newOptions()
  }

  /** Asks the companion for a passkey. */
  begin(): void {
    const { foreignFrom } = this.#demand
    this.#passkey.begun(this)
    if (foreignFrom !== undefined) {
      const foreign = newPasskeyOptions().json
      this.#host.notify(ASKED, [node('passkey_request_options', {}, Buffer.from(foreign))], foreignFrom)
    }
    this.#ask()
  }

  /** For the control plane. */
  get report(): object {
    return {
      stage: this.#stage,
      reason: this.#reason ?? null,
      code: this.#code ?? null,
      accepted: this.#isAccepted,
      verified: this.#verified,
      told: this.#acks.report,
    }
  }

  acknowledged(ack: BinaryNode): void {
    const type = this.#acks.received(ack)
    if (type === ASKED && this.#demand.repeatNotification === 'acknowledged') this.#askOnceMore()
  }

  /** Answers what belongs to the ceremony; undefined for anything else. */
  answer(request: BinaryNode): BinaryNode | undefined {
    const [what] = children(request)
    switch (`${request.attrs.xmlns} ${request.attrs.type} ${what?.tag}`) {
      case 'md get passkey_request_options':
        return this.#fails('options', request) ?? answer(request, [this.#optionsNode(this.#freshOptions())])
      case 'md get ref':
        return (
          this.#fails('ref', request) ?? answer(request, [node('ref', {}, this.#written(this.#newRef()))])
        )
      case 'md set passkey_prologue':
        return this.#fails('prologue', request) ?? this.#takePrologue(request, what)
      case 'md set companion_nonce':
        return this.#fails('nonce', request) ?? this.#takeNonce(request, what)
      case 'md set encrypted_pairing_request':
        return this.#fails('request', request) ?? this.#takeRequest(request, what)
      default:
        return undefined
    }
  }

  /** The owner confirms on the phone that the companion shows this code. Throws when the phone shows another, or none. */
  accept(code: string): void {
    if (this.#code === undefined || !['met', 'requested'].includes(this.#stage)) {
      throw new Error('the phone shows no code')
    }
    const typed = code.replace(/[^0-9A-Za-z]/g, '').toUpperCase()
    if (typed !== this.#code.replace('-', '')) throw new Error('the phone shows another code')
    this.#isAccepted = true
    this.#offerWhenReady()
  }

  /** The companion is linked, or is not going to be. */
  ended(error?: Error): void {
    if (this.#stage === 'silent' || this.#stage === 'over') return
    this.#stage = error ? 'over' : 'linked'
    this.#reason = error?.message
  }

  /** What holds now: scripts may change it while a ceremony runs. */
  get #demand(): PasskeyDemand {
    return this.#passkey.demand ?? this.#startedWith
  }

  #ask(): void {
    const content = this.#demand.embed ? [this.#optionsNode(this.#options.json)] : []
    this.#acks.sent(this.#host.notify(ASKED, content), ASKED)
  }

  #askOnceMore(): void {
    if (this.#acks.report.filter(({ type }) => type === ASKED).length > 1) return
    this.#options = this.#newOptions()
    this.#ask()
  }

  #takePrologue(request: BinaryNode, what: BinaryNode | undefined): BinaryNode {
    const prologue = readPrologue(what)
    if (!prologue || this.#ref === undefined || !['asked', 'silent'].includes(this.#stage)) {
      return badRequest(request)
    }
    if (this.#try(() => this.#judge(prologue))) this.#soon(() => this.#continue())
    return answer(request, [])
  }

  /** Everything the service and the phone can check at once; the next attempt needs another challenge and another ref. */
  #judge(prologue: Prologue): void {
    const { failAt, optionsTtlMs, allowCredentials } = this.#demand
    const ref = this.#ref
    const { challenge, at, isUsed } = this.#options
    this.#stage = 'asked'
    this.#reason = undefined
    this.#verified = []
    this.#ref = undefined
    this.#options.isUsed = true
    convince(failAt !== 'silent-after-prologue', 'silence after the prologue was asked for')
    this.#acks.check({ all: false })
    convince(!isUsed, 'the challenge was answered before')
    convince(Date.now() - at <= optionsTtlMs, 'the request is too old')
    const expected = {
      credentials: this.#passkey.credentials,
      allowed: this.#ids(allowCredentials),
      challenge,
    }
    verifyAssertion(prologue.assertion, prologue.credentialId, expected, this.#verified)

    const identity = readEphemeralIdentity(prologue.ephemeralIdentity)
    convince(identity.ref === ref, 'the ref of the ephemeral identity is not the latest')
    this.#verified.push('ref')
    const { deviceType } = this.#host.registration
    convince(
      identity.deviceType === deviceType,
      `the device type is ${identity.deviceType}, and ${deviceType} in the registration`,
    )
    this.#verified.push('deviceType')
    const phone = new PasskeyPhone(this.#host.advSecret)
    this.#isAccepted = this.#provesHandoff(phone, prologue)
    this.#attempt = { phone, prologue, identity }
    this.#stage = 'taken'
  }

  /** Whether the companion need not show a code. */
  #provesHandoff(phone: PasskeyPhone, prologue: Prologue): boolean {
    const { handoff, handoffTtlMs } = this.#demand
    if (!prologue.proof) {
      convince(handoff !== 'require', 'there is no handoff proof')
      return false
    }
    convince(phone.isProof(prologue, prologue.proof), 'the handoff proof does not fit the secret of the code')
    convince(Date.now() - this.#startedAt <= handoffTtlMs, 'the handoff proof is too old')
    this.#verified.push('handoff')
    return handoff !== 'ignore'
  }

  #continue(): void {
    const { phone } = this.#attempt ?? {}
    if (!phone) return
    this.#stage = 'continued'
    const content = [node('primary_ephemeral_identity', {}, phone.identity)]
    this.#acks.sent(this.#host.notify(CONTINUED, content), CONTINUED)
    if (this.#demand.repeatNotification === 'prologue') this.#askOnceMore()
  }

  #takeNonce(request: BinaryNode, what: BinaryNode | undefined): BinaryNode {
    const nonce = readNonce(what)
    const attempt = this.#attempt
    if (!nonce || !attempt || this.#stage !== 'continued') return badRequest(request)
    this.#try(() => {
      this.#code = attempt.phone.meet(attempt.prologue, attempt.identity, nonce)
      this.#verified.push('commitment')
      this.#stage = 'met'
    })
    return answer(request, [])
  }

  #takeRequest(request: BinaryNode, what: BinaryNode | undefined): BinaryNode {
    const sealed = readPairingRequest(what)
    const attempt = this.#attempt
    if (!sealed || !attempt || this.#stage !== 'met') return badRequest(request)
    const isTaken = this.#try(() => {
      this.#acks.check({ all: true })
      const { companionPublicKey, companionIdentityKey, advSecret } = attempt.phone.open(sealed)
      const { noiseKey, identityKey } = this.#host.registration
      convince(companionPublicKey.equals(noiseKey), 'the pairing request names another Noise key')
      this.#verified.push('noiseKey')
      convince(companionIdentityKey.equals(identityKey), 'the pairing request names another identity key')
      this.#verified.push('identityKey')
      convince(!advSecret.equals(this.#host.advSecret), 'the linking secret is still the old one')
      this.#newSecret = advSecret
      this.#stage = 'requested'
    })
    if (isTaken) this.#soon(() => this.#offerWhenReady())
    return answer(request, [])
  }

  /** Both have to be there, in whichever order they come: the companion's request, and the owner's consent. */
  #offerWhenReady(): void {
    if (this.#stage !== 'requested' || !this.#newSecret || !this.#isAccepted) return
    this.#stage = 'offered'
    this.#host.offer(this.#demand.failAt === 'old-secret' ? this.#host.advSecret : this.#newSecret)
  }

  /** Takes a step, or falls silent; says whether it was taken. */
  #try(step: () => void): boolean {
    try {
      step()
      return true
    } catch (error) {
      if (!(error instanceof Silence)) throw error
      this.#stage = 'silent'
      this.#reason = error.message
      this.#attempt = undefined
      this.#host.silent(error.message)
      return false
    }
  }

  /** The phone's next step, never before the answer to the companion's. */
  #soon(step: () => void): void {
    const stage = this.#stage
    setTimeout(() => {
      if (this.#stage === stage) step()
    }, this.#demand.delayMs).unref()
  }

  #fails(step: PasskeyDemand['failAt'], request: BinaryNode): BinaryNode | undefined {
    const { failAt, failCode } = this.#demand
    return failAt === step ? refusal(request, failCode, 'refused') : undefined
  }

  #ids(allowCredentials: boolean | string[]): string[] {
    if (typeof allowCredentials !== 'boolean') return allowCredentials
    return allowCredentials ? [...this.#passkey.credentials.keys()] : []
  }

  #newOptions() {
    const { allowCredentials, optionsTtlMs } = this.#demand
    const allowed = this.#ids(allowCredentials).map((id) => ({ id, type: 'public-key' as const }))
    const options = newPasskeyOptions({ allowCredentials: allowed, timeoutMs: optionsTtlMs })
    return { ...options, at: Date.now(), isUsed: false }
  }

  /** Whoever asks gets the request that stands, or another when that was answered or is too old. */
  #freshOptions(): string {
    const { isUsed, at } = this.#options
    if (isUsed || Date.now() - at > this.#demand.optionsTtlMs) this.#options = this.#newOptions()
    return this.#options.json
  }

  #newRef(): string {
    // A packed text of digits is what reaches clients as a string, not as bytes.
    this.#ref = this.#demand.stringContent
      ? `${randomInt(1e12)}-${randomInt(1e12)}`
      : `2@${randomBytes(32).toString('base64url')}`
    return this.#ref
  }

  #optionsNode(json: string): BinaryNode {
    return node('passkey_request_options', {}, this.#written(json))
  }

  #written(text: string): string | Buffer {
    return this.#demand.stringContent ? text : Buffer.from(text)
  }
}

/** Asks the companion for a passkey where the account demands one; undefined where it links without. */
export function beginCeremony(
  passkey: AccountPasskey | undefined,
  host: CeremonyHost,
): PasskeyCeremony | undefined {
  if (!passkey?.demand) return undefined
  const ceremony = new PasskeyCeremony(passkey, passkey.demand, host)
  ceremony.begin()
  return ceremony
}

/** What tells a companion that shows letters that they were renewed; nothing but the new ref is in it. */
export function codeRefresh(ref: string): BinaryNode {
  return node('link_code_companion_reg', { stage: 'refresh_code' }, [
    node('link_code_pairing_ref', {}, Buffer.from(ref)),
  ])
}
