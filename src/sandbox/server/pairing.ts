import { randomBytes } from 'node:crypto'
import { type BinaryNode, proto } from '../../whatsapp/library/engine.ts'
import { beginCeremony, codeRefresh, type PasskeyCeremony } from '../passkey/ceremony.ts'
import { newPasskeyOptions } from '../passkey/options.ts'
import { LinkedDevice, type Registration } from '../peer/linked-device.ts'
import type { Account } from '../world/account.ts'
import type { Network } from '../world/network.ts'
import { bytes, child, children, node, SERVICE, unixSeconds } from '../world/node.ts'
import { answer, answerBeforeLinking, badRequest, type PasskeyLinking } from './before-linking.ts'
import { completeCompanion, offerIdentity, type SignedOffer } from './device-identity.ts'
import { type CompanionHello, LinkCodeExchange, readCompanionHello } from './link-code.ts'
import { parseQr } from './qr-code.ts'

/** An unlinked companion's connection, as far as linking needs it. */
export interface ApplicantConnection {
  send(stanza: BinaryNode): void
  /** Sends a last stanza: the companion is no applicant any more, though its socket may stay for a moment. */
  end(reason: BinaryNode): void
  /** Sends what is queued and closes. */
  close(): void
}

/** Clients show the first ref for a minute and five more for 20 seconds each. */
const REF_COUNT = 6
/** The client closes with this code's meaning "connect again, now as a linked device". */
const RESTART_REQUIRED = '515'

const PAIR_SUCCESS_ID = '2'

const EMPTY_SECRET = Buffer.alloc(32)

/** How the phone keeps its chats; clients only pass it on. */
const CLIENT_PROPS = proto.ClientPairingProps.encode({
  isChatDbLidMigrated: true,
  isSyncdPureLidSession: true,
  isSyncdSnapshotRecoveryEnabled: true,
}).finish()

/** The two forms in which the service demands another secret (whatsmeow 2026-09-21). */
export type CodeRotation = 'companion_reg_refresh' | 'pair-device-rotate-qr'

interface Applicant {
  connection: ApplicantConnection
  registration: Registration
  refs: string[]
  passkey: PasskeyLinking
  /** Set when the companion asked for a pairing code. */
  hello?: CompanionHello
  exchange?: LinkCodeExchange
  /** The link the phone has begun. */
  link?: PendingLink
  /** Set when that needs a passkey. */
  ceremony?: PasskeyCeremony
}

interface PendingLink {
  account: Account
  offer?: SignedOffer
  resolve(device: LinkedDevice): void
  reject(error: Error): void
}

/** Links companions: shows refs, and does the phone's side when somebody scans one or enters a code. */
export class PairingDesk {
  readonly #network: Network
  readonly #applicants = new Map<ApplicantConnection, Applicant>()
  readonly #byRef = new Map<string, Applicant>()
  /** Companions that wait for a code, by the phone number they named. */
  readonly #byPhone = new Map<string, Applicant>()

  constructor(network: Network) {
    this.#network = network
  }

  /** A registration connection is open: offers the refs for the QR codes. */
  open(connection: ApplicantConnection, registration: Registration): void {
    const refs = Array.from({ length: REF_COUNT }, () => `2@${randomBytes(48).toString('base64')}`)
    const passkey = { options: newPasskeyOptions().json }
    const applicant: Applicant = { connection, registration, refs, passkey }
    this.#applicants.set(connection, applicant)
    for (const ref of refs) this.#byRef.set(ref, applicant)
    connection.send(
      node('iq', { from: SERVICE, type: 'set', id: '1', xmlns: 'md' }, [
        node(
          'pair-device',
          {},
          // Bytes, because the client reads a text body differently.
          refs.map((ref) => node('ref', {}, Buffer.from(ref))),
        ),
      ]),
    )
  }

  /** A companion is no applicant any more. */
  closed(connection: ApplicantConnection): void {
    const applicant = this.#applicants.get(connection)
    if (!applicant) return
    this.#applicants.delete(connection)
    for (const ref of applicant.refs) this.#byRef.delete(ref)
    const phone = applicant.hello?.phone
    if (phone !== undefined && this.#byPhone.get(phone) === applicant) this.#byPhone.delete(phone)
    this.#settle(applicant, new Error('the companion disconnected while it was being linked'))
  }

  /** The owner's name that the companion showing this QR code came with. */
  pushNameOf(qr: string): string | undefined {
    return this.#byRef.get(parseQr(qr).ref)?.registration.pushName
  }

  /**
   * The QR text of the companion that has been waiting longest, as far as the service knows it: the secret in it never
   * crosses the wire. It fits companions that use an empty one, as those meant to be linked without a look at their
   * code do (servers on a simulated network, the library's own end-to-end suite).
   */
  waitingQr(): string | undefined {
    const applicant = this.#longestWaiting()
    if (!applicant) return undefined
    const { refs, registration } = applicant
    const keys = [registration.noiseKey, registration.identityKey, EMPTY_SECRET]
    return [refs[0], ...keys.map((key) => Buffer.from(key).toString('base64')), ''].join(',')
  }

  /**
   * Tells a companion to replace the secret in its QR code: the one showing that code, or the one waiting longest. What it
   * has shown before links no more, as it refuses an identity authenticated by the old secret.
   */
  rotateCode(form: CodeRotation, qr?: string): void {
    this.#notify(this.#waiting(qr), 'companion_reg_refresh', [node(form)])
  }

  /** Asks a companion, chosen in the same way, for a passkey; without `embed` it has to fetch the request's options. */
  requestPasskey(asked: { qr?: string; options?: object; embed: boolean; from?: string }): void {
    const { qr, options, embed, from } = asked
    const applicant = this.#waiting(qr)
    applicant.passkey = { options: options ? JSON.stringify(options) : newPasskeyOptions().json }
    const request = node('passkey_request_options', {}, Buffer.from(applicant.passkey.options))
    this.#notify(applicant, 'passkey_prologue_request', embed ? [request] : [], from)
  }

  /**
   * The phone scans a QR code: resolves with the new device once the companion has countersigned. With a passkey it
   * rejects as soon as the phone is not convinced, though the companion may try again.
   */
  async scan(account: Account, qr: string): Promise<LinkedDevice> {
    const code = parseQr(qr)
    const applicant = this.#byRef.get(code.ref)
    if (!applicant) throw new Error('the QR code is not (or no longer) shown by a companion')
    if (!code.identityKey.equals(applicant.registration.identityKey)) {
      throw new Error('the QR code names another identity key than the companion registered')
    }
    return this.#link(applicant, account, code.advSecret)
  }

  /** The phone enters the eight characters a companion shows; rejects when they are wrong. */
  async enterCode(account: Account, code: string): Promise<LinkedDevice> {
    const applicant = this.#byPhone.get(account.phone)
    if (!applicant?.hello) throw new Error(`no companion waits for a pairing code of ${account.phone}`)

    const exchange = await LinkCodeExchange.begin(account, applicant.hello, code)
    applicant.exchange = exchange
    const linked = this.#begin(applicant, account)
    this.#notify(applicant, 'link_code_companion_reg', [exchange.primaryHello])
    return linked
  }

  #waiting(qr: string | undefined): Applicant {
    const applicant = qr === undefined ? this.#longestWaiting() : this.#byRef.get(parseQr(qr).ref)
    if (!applicant) throw new Error('no companion is waiting')
    return applicant
  }

  #longestWaiting(): Applicant | undefined {
    return [...this.#applicants.values()].find(({ link }) => !link)
  }

  /** Returns the id. */
  #notify({ connection }: Applicant, type: string, content: BinaryNode[], from = SERVICE): string {
    const id = randomBytes(6).toString('hex')
    connection.send(node('notification', { from, type, id, t: unixSeconds() }, content))
    return id
  }

  /** Stanzas of a companion that is not linked yet. */
  receive(connection: ApplicantConnection, stanza: BinaryNode): void {
    const applicant = this.#applicants.get(connection)
    if (stanza.tag === 'ack') applicant?.ceremony?.acknowledged(stanza)
    if (!applicant || stanza.tag !== 'iq') return

    const { type } = stanza.attrs
    if (type === 'result') this.#countersigned(applicant, stanza)
    else if (type === 'error') this.#refused(applicant, stanza)
    else this.#answer(applicant, stanza)
  }

  #countersigned(applicant: Applicant, reply: BinaryNode): void {
    const signed = child(child(reply, 'pair-device-sign'), 'device-identity')
    if (signed) this.#complete(applicant, bytes(signed) ?? Buffer.alloc(0))
  }

  /** The companion does not believe the identity it was offered; it goes on waiting. */
  #refused(applicant: Applicant, reply: BinaryNode): void {
    if (reply.attrs.id !== PAIR_SUCCESS_ID) return
    const { code, text } = child(reply, 'error')?.attrs ?? {}
    this.#settle(applicant, new Error(`the companion refused to be linked: ${code} ${text}`))
  }

  #answer(applicant: Applicant, request: BinaryNode): void {
    const { connection, passkey } = applicant
    const step = child(request, 'link_code_companion_reg')
    if (step) {
      const parts = this.#answerLinkCode(applicant, step)
      connection.send(parts ? answer(request, parts) : badRequest(request))
      if (step.attrs.stage === 'companion_finish') this.#finishLinkCode(applicant, step)
      return
    }
    const reply = applicant.ceremony?.answer(request) ?? answerBeforeLinking(passkey, request)
    const { xmlns } = request.attrs
    if (!reply) this.#network.noteUnknownQuery(`unlinked ${xmlns} ${children(request)[0]?.tag}`)
    connection.send(reply ?? answer(request, []))
  }

  #answerLinkCode(applicant: Applicant, step: BinaryNode): BinaryNode[] | undefined {
    if (step.attrs.stage !== 'companion_hello') return []
    const hello = readCompanionHello(step, applicant.refs[0] ?? '')
    if (!hello) return undefined
    applicant.hello = hello
    this.#byPhone.set(hello.phone, applicant)
    return [
      node('link_code_companion_reg', { stage: 'companion_hello' }, [
        node('link_code_pairing_ref', {}, Buffer.from(hello.ref)),
      ]),
    ]
  }

  #finishLinkCode(applicant: Applicant, step: BinaryNode): void {
    const { exchange, link } = applicant
    if (!exchange || !link) return
    try {
      const advSecret = exchange.finish(step)
      if (link.account.passkey?.demand?.refreshCode) {
        this.#notify(applicant, 'link_code_companion_reg', [codeRefresh(applicant.refs[1] ?? '')])
      }
      this.#proceed(applicant, link, advSecret)
    } catch (error) {
      // Only decryption fails here, and it fails when the two sides used different codes.
      this.#settle(applicant, new Error('the pairing code is wrong', { cause: error }))
    }
  }

  #link(applicant: Applicant, account: Account, advSecret: Buffer): Promise<LinkedDevice> {
    const linked = this.#begin(applicant, account)
    if (applicant.link) this.#proceed(applicant, applicant.link, advSecret)
    return linked
  }

  #begin(applicant: Applicant, account: Account): Promise<LinkedDevice> {
    this.#settle(applicant, new Error('superseded by another attempt to link the same companion'))
    return new Promise((resolve, reject) => {
      applicant.link = { account, resolve, reject }
    })
  }

  /** The phone and the companion share a secret: the companion is linked, after its passkey where the account demands one. */
  #proceed(applicant: Applicant, link: PendingLink, advSecret: Buffer): void {
    applicant.ceremony = beginCeremony(link.account.passkey, {
      registration: applicant.registration,
      advSecret,
      notify: (type, content, from) => this.#notify(applicant, type, content, from),
      offer: (secret) => this.#offer(applicant, link, secret),
      silent: (reason) => link.reject(new Error(`the phone does not go on: ${reason}`)),
    })
    if (!applicant.ceremony) this.#offer(applicant, link, advSecret)
  }

  /** The link the phone has begun is over, this way or that. */
  #settle(applicant: Applicant, outcome: LinkedDevice | Error): void {
    const { link, ceremony } = applicant
    delete applicant.link
    delete applicant.ceremony
    ceremony?.ended(outcome instanceof Error ? outcome : undefined)
    if (outcome instanceof Error) link?.reject(outcome)
    else link?.resolve(outcome)
  }

  #offer(applicant: Applicant, link: PendingLink, advSecret: Buffer): void {
    const { account } = link
    const deviceId = account.nextDeviceId()
    link.offer = offerIdentity(account, {
      deviceId,
      companionKey: applicant.registration.identityKey,
      advSecret,
    })
    const parts = [
      node('device', { jid: account.jid(deviceId), lid: account.lidJid(deviceId) }),
      node('platform', { name: account.business ? 'smba' : 'android' }),
      node('device-identity', {}, link.offer.wrapped),
    ]
    if (account.business) parts.push(node('biz', { name: account.business.name }))
    parts.push(node('client-props', {}, CLIENT_PROPS))
    applicant.connection.send(
      node('iq', { from: SERVICE, type: 'set', id: PAIR_SUCCESS_ID, xmlns: 'md', t: unixSeconds() }, [
        node('pair-success', {}, parts),
      ]),
    )
  }

  #complete(applicant: Applicant, signed: Buffer): void {
    const { link, registration, connection } = applicant
    if (!link?.offer) return
    try {
      const deviceIdentity = completeCompanion(link.account, link.offer, signed, registration.identityKey)
      const { deviceId } = link.offer
      const device = new LinkedDevice(link.account, {
        id: deviceId,
        keyIndex: deviceId,
        deviceIdentity,
        registration,
      })
      this.#network.addDevice(device)
      this.#settle(applicant, device)
      connection.end(node('stream:error', { code: RESTART_REQUIRED }))
    } catch (error) {
      this.#settle(applicant, error instanceof Error ? error : new Error(String(error)))
      connection.close()
    }
  }
}
