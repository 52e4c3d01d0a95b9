/**
 * Which codec a call is spoken in. Each end says in seven bytes what it can do; of them one bit says "I speak MLow", which
 * is a codec of WhatsApp's own. Whoever leaves it out is spoken to in Opus, as several open implementations report.
 */

/** How this server speaks: plain Opus, or Opus behind MLow's escape to phones that insist on MLow. */
export type SpokenCodec = 'opus' | 'opus-in-mlow'

/** As WhatsApp Web's client of 2026 says it in an offer and an accept. */
const OFFERED = Buffer.from('0105f709e0bb13', 'hex')
/** The same in a preaccept. */
const PREACCEPTED = Buffer.from('0105f709e0bb07', 'hex')
const MLOW_BYTE = 5
const MLOW_BIT = 0x80

/**
 * What is sent beside it in an accept: the capability chooses the encoder of the other end, these settings its decoder.
 * The values are texts.
 */
export const OPUS_SETTINGS =
  '{"encode":{"use_mlow_codec_v1":"false"},"options":{"enable_48khz_rtp_clock":"false"}}'

/** The capability of a step. */
export function capabilityOf(step: 'offer' | 'preaccept' | 'accept', codec: SpokenCodec): Buffer {
  const bytes = Buffer.from(step === 'preaccept' ? PREACCEPTED : OFFERED)
  if (codec === 'opus') bytes.writeUInt8(bytes.readUInt8(MLOW_BYTE) & ~MLOW_BIT, MLOW_BYTE)
  return bytes
}

/** Whether an end that shows this capability speaks MLow; undefined for one that shows none. */
export function speaksMlow(capability: Uint8Array | undefined): boolean | undefined {
  const byte = capability?.[MLOW_BYTE]
  return byte === undefined ? undefined : (byte & MLOW_BIT) !== 0
}

/** How the media of a call speaks: only with an end that may speak MLow does it matter what this server prefers. */
export function codecWith(peerSpeaksMlow: boolean | undefined, codec: SpokenCodec): 'opus' | 'mlow' {
  return codec === 'opus-in-mlow' && peerSpeaksMlow !== false ? 'mlow' : 'opus'
}
