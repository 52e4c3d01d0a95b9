import { isIPv4 } from 'node:net'
import { ApiError } from '../lib/errors.ts'
import { isRefusedAddress } from '../media/fetch/address-rules.ts'

/** Longer descriptions are refused. */
const MAX_BYTES = 64 * 1024
/** Of the addresses where a browser may be. */
const MAX_CANDIDATES = 20

/**
 * Checks the description a browser offers, and leaves out the addresses that are not to be tried: names, which only its
 * own network knows, anything but IPv4 and UDP, and what nobody may have us send to. A browser that has only such
 * addresses is found by what it sends itself.
 * @throws ApiError `invalid_field` when it is not an offer of one audio line with Opus.
 */
export function checkOffer(sdp: string): string {
  if (sdp.length > MAX_BYTES) throw invalid('the session description is too long')
  const lines = sdp.split(/\r?\n/).filter((line) => line !== '')
  if (lines[0] !== 'v=0') throw invalid('the session description cannot be read')
  const media = lines.filter((line) => line.startsWith('m='))
  if (media.length !== 1 || !media[0]?.startsWith('m=audio '))
    throw invalid('the session description must have one audio line and nothing else')
  if (!lines.some((line) => /^a=rtpmap:\d+ opus\/48000/i.test(line)))
    throw invalid('the session description must offer Opus')
  const tried = new Set(lines.filter(isTried).slice(0, MAX_CANDIDATES))
  const kept = lines.filter((line) => !line.startsWith('a=candidate:') || tried.has(line))
  return `${kept.join('\r\n')}\r\n`
}

/** `a=candidate:<foundation> <component> <transport> <priority> <address> <port> typ …` (RFC 8839 §5.1). */
function isTried(line: string): boolean {
  if (!line.startsWith('a=candidate:')) return false
  const [, , transport = '', , address = ''] = line.split(' ')
  return transport.toLowerCase() === 'udp' && isIPv4(address) && !isRefusedAddress(address, 'any')
}

/** Puts the address under which this machine is reached into the answer, in the place of those it has itself. */
export function withPublicAddress(sdp: string, address: string): string {
  const seen = new Set<string>()
  const lines = sdp.split('\r\n').flatMap((line) => {
    if (!line.startsWith('a=candidate:')) return [line]
    const parts = line.split(' ')
    if (parts[7] === 'host') parts[4] = address
    const [, , , , place, port] = parts
    if (seen.has(`${place}:${port}`)) return []
    seen.add(`${place}:${port}`)
    return [parts.join(' ')]
  })
  return lines.join('\r\n')
}

function invalid(text: string): ApiError {
  return new ApiError('invalid_field', { text })
}
