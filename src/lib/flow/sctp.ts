/**
 * What an association of werift-sctp 0.0.11 needs to carry a call. It works on what the library keeps private, hence the
 * version is pinned.
 */

/**
 * With this number of repetitions the library sends once: the first time counts, and 0 would stand for as often as it
 * takes.
 */
export const SENT_ONCE = 0.5

interface Association {
  transport: { onData?: (packet: Buffer) => void }
  handleData(packet: Buffer): Promise<void>
}

const HEADER_BYTES = 12

/**
 * Lets an association drop what cannot be read, as SCTP has it: by itself the library makes a rejection of it that nobody
 * handles, or does not come to an end.
 */
export function dropMalformed(association: object): void {
  // The library's types hide these members, which are there all the same.
  const inside = association as Association
  inside.transport.onData = (packet) => {
    if (isWhole(packet)) void inside.handleData(packet).catch(() => {})
  }
}

/** Whether a packet is made of whole chunks; a length counts the four bytes before it, too (RFC 9260, section 3.2). */
function isWhole(packet: Buffer): boolean {
  let at = HEADER_BYTES
  while (at + 4 <= packet.length) {
    const length = packet.readUInt16BE(at + 2)
    if (length < 4 || at + length > packet.length) return false
    at += Math.ceil(length / 4) * 4
  }
  return at >= packet.length
}
