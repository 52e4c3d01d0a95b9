import { createCipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { CipherKeys } from './keys.ts'
import { ReplayWindow } from './replay-window.ts'
import { cipherIv } from './srtp.ts'

/** Reports of what was sent and received (RFC 3550 §6) and their encryption (RFC 3711 §3.4). */

/** What a sender says of itself. */
export interface SenderReport {
  ssrc: number
  /** Time of the report, milliseconds since 1970. */
  nowMs: number
  /** The same moment on the clock of the packets. */
  timestamp: number
  packets: number
  /** Bytes of payload. */
  octets: number
}

/** What a receiver says of the stream it hears. */
export interface ReceptionReport {
  ssrc: number
  /** Share lost since the last report, in 1/256. */
  fractionLost: number
  /** Packets lost since the beginning; fits 24 bits. */
  lost: number
  /** Highest number heard, with its turns in the upper half. */
  highestSequence: number
  /** Samples of the clock. */
  jitter: number
  /** Middle 32 bits of the time in the last sender report, and 1/65 536 s since; zero without one. */
  lastReport: number
  sinceLastReport: number
}

/** What a report of the other end holds that is of use here. */
export interface ParsedReports {
  /** Of the sender report: for the next reception report. */
  sender?: { ssrc: number; lastReport: number }
  receptions: ReceptionReport[]
}

const SENDER_REPORT = 200
const RECEIVER_REPORT = 201
const DESCRIPTION = 202
const VERSION = 0x80
const SENDER_REPORT_BYTES = 28
const RECEPTION_BYTES = 24
/** WhatsApp has so many zero bytes behind a reception report. */
const RECEPTION_TRAILER_BYTES = 24
const CNAME_ITEM = 1
/** Seconds from 1900, where NTP begins, to 1970. */
const NTP_OFFSET_S = 2_208_988_800

/** RFC 3711 §3.4: this part of a report stays readable. */
const CLEAR_BYTES = 8
const INDEX_BYTES = 4
const TAG_BYTES = 10
const ENCRYPTED = 0x80000000
const MAX_REPORT_BYTES = 1500

/** A name for one call as WhatsApp makes them: 18 characters that say nothing. */
export function newCname(): string {
  return `${randomBytes(3).toString('hex').slice(1)}@pj${randomBytes(3).toString('hex')}.org`
}

/** A sender report, with what was received where anything was. */
export function writeSenderReport(report: SenderReport, reception?: ReceptionReport): Buffer {
  const length =
    SENDER_REPORT_BYTES + (reception === undefined ? 0 : RECEPTION_BYTES + RECEPTION_TRAILER_BYTES)
  const bytes = Buffer.alloc(length)
  bytes.writeUInt8(VERSION | (reception === undefined ? 0 : 1), 0)
  bytes.writeUInt8(SENDER_REPORT, 1)
  bytes.writeUInt16BE(length / 4 - 1, 2)
  bytes.writeUInt32BE(report.ssrc, 4)
  bytes.writeUInt32BE(Math.floor(report.nowMs / 1000) + NTP_OFFSET_S, 8)
  bytes.writeUInt32BE(Math.floor(((report.nowMs % 1000) / 1000) * 2 ** 32), 12)
  bytes.writeUInt32BE(report.timestamp, 16)
  bytes.writeUInt32BE(report.packets >>> 0, 20)
  bytes.writeUInt32BE(report.octets >>> 0, 24)
  if (reception !== undefined) writeReception(bytes, reception)
  return bytes
}

function writeReception(bytes: Buffer, reception: ReceptionReport): void {
  bytes.writeUInt32BE(reception.ssrc, 28)
  bytes.writeUInt8(reception.fractionLost, 32)
  bytes.writeUIntBE(reception.lost, 33, 3)
  bytes.writeUInt32BE(reception.highestSequence, 36)
  bytes.writeUInt32BE(reception.jitter, 40)
  bytes.writeUInt32BE(reception.lastReport, 44)
  bytes.writeUInt32BE(reception.sinceLastReport, 48)
}

/** A description that gives a stream its name, in words of four bytes and with at least one zero at its end. */
export function writeDescription(ssrc: number, cname: string): Buffer {
  const name = Buffer.from(cname)
  const bytes = Buffer.alloc(8 + Math.ceil((2 + name.length + 1) / 4) * 4)
  bytes.writeUInt8(VERSION | 1, 0)
  bytes.writeUInt8(DESCRIPTION, 1)
  bytes.writeUInt16BE(bytes.length / 4 - 1, 2)
  bytes.writeUInt32BE(ssrc, 4)
  bytes.writeUInt8(CNAME_ITEM, 8)
  bytes.writeUInt8(name.length, 9)
  name.copy(bytes, 10)
  return bytes
}

/** Reads the packets of a report; what follows something impossible is not read. */
export function parseReports(packet: Buffer): ParsedReports {
  const found: ParsedReports = { receptions: [] }
  for (let at = 0; at + 8 <= packet.length; ) {
    const end = at + (packet.readUInt16BE(at + 2) + 1) * 4
    if ((packet.readUInt8(at) & 0xc0) !== VERSION || end > packet.length) break
    readReport(packet.subarray(at, end), found)
    at = end
  }
  return found
}

function readReport(report: Buffer, found: ParsedReports): void {
  const type = report.readUInt8(1)
  if (type !== SENDER_REPORT && type !== RECEIVER_REPORT) return
  const isSender = type === SENDER_REPORT
  if (isSender) {
    if (report.length < SENDER_REPORT_BYTES) return
    found.sender = { ssrc: report.readUInt32BE(4), lastReport: report.readUInt32BE(10) }
  }
  const count = report.readUInt8(0) & 0x1f
  let at = isSender ? SENDER_REPORT_BYTES : 8
  for (let read = 0; read < count && at + RECEPTION_BYTES <= report.length; read++, at += RECEPTION_BYTES)
    found.receptions.push({
      ssrc: report.readUInt32BE(at),
      fractionLost: report.readUInt8(at + 4),
      lost: report.readUIntBE(at + 5, 3),
      highestSequence: report.readUInt32BE(at + 8),
      jitter: report.readUInt32BE(at + 12),
      lastReport: report.readUInt32BE(at + 16),
      sinceLastReport: report.readUInt32BE(at + 20),
    })
}

/** Encrypts reports; the index it gives each begins at 1 and is never used twice. */
export class SrtcpSender {
  readonly #keys: CipherKeys
  #index = 0

  constructor(keys: CipherKeys) {
    this.#keys = keys
  }

  seal(reports: Buffer): Buffer {
    const index = ++this.#index
    if (index >= ENCRYPTED) throw new RangeError('the numbers of this key are used up')
    const iv = cipherIv(this.#keys.salt, reports.readUInt32BE(4), index)
    const cipher = createCipheriv('aes-128-ctr', this.#keys.key, iv)
    const trailer = Buffer.alloc(INDEX_BYTES)
    trailer.writeUInt32BE(ENCRYPTED + index)
    const packet = Buffer.concat([
      reports.subarray(0, CLEAR_BYTES),
      cipher.update(reports.subarray(CLEAR_BYTES)),
      trailer,
    ])
    return Buffer.concat([packet, rtcpTag(this.#keys, packet)])
  }
}

/** Decrypts the reports of one device. */
export class SrtcpReceiver {
  readonly #keys: CipherKeys
  readonly #seen = new ReplayWindow()

  constructor(keys: CipherKeys) {
    this.#keys = keys
  }

  /** The reports in a packet; undefined when it is malformed, forged, or was here before. */
  open(packet: Buffer): Buffer | undefined {
    const end = packet.length - TAG_BYTES
    if (end < CLEAR_BYTES + INDEX_BYTES || packet.length > MAX_REPORT_BYTES) return undefined
    const trailer = packet.readUInt32BE(end - INDEX_BYTES)
    const index = trailer % ENCRYPTED
    if (this.#seen.has(index)) return undefined
    if (!timingSafeEqual(rtcpTag(this.#keys, packet.subarray(0, end)), packet.subarray(end))) return undefined
    this.#seen.add(index)
    const body = packet.subarray(0, end - INDEX_BYTES)
    if (trailer < ENCRYPTED) return body
    const iv = cipherIv(this.#keys.salt, packet.readUInt32BE(4), index)
    const cipher = createCipheriv('aes-128-ctr', this.#keys.key, iv)
    return Buffer.concat([body.subarray(0, CLEAR_BYTES), cipher.update(body.subarray(CLEAR_BYTES))])
  }
}

function rtcpTag(keys: CipherKeys, packet: Buffer): Buffer {
  return createHmac('sha1', keys.auth).update(packet).digest().subarray(0, TAG_BYTES)
}
