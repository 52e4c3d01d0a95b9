import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { type BinaryNode, proto } from '../../whatsapp/library/engine.ts'
import type { MediaStore } from './media-store.ts'
import type { FileReference } from './message-parts.ts'
import { child, node, unixSeconds } from './node.ts'

const { SUCCESS } = proto.MediaRetryNotification.ResultType
/** The code of the refusal, as in `MediaRetryNotification.ResultType`. */
const NOT_FOUND = 2

/**
 * A phone's answer to a companion whose download failed (`<receipt type="server-error">`): where the file is now, or
 * that the phone does not have it either.
 */
export function answerMediaRetry(
  request: BinaryNode,
  file: FileReference | undefined,
  media: MediaStore,
): BinaryNode {
  const { id = '', from } = request.attrs
  const bytes = file && media.get(file.directPath)
  const answer =
    file && bytes
      ? node('encrypt', {}, encrypted(id, file.mediaKey, media.put(bytes).directPath))
      : node('error', { code: NOT_FOUND })
  const about = child(request, 'rmr')
  const content = about ? [answer, about] : [answer]
  return node('notification', { type: 'mediaretry', from, id, t: unixSeconds() }, content)
}

function encrypted(id: string, mediaKey: Uint8Array, directPath: string): BinaryNode[] {
  const answer = proto.MediaRetryNotification.encode({ stanzaId: id, directPath, result: SUCCESS }).finish()
  const iv = randomBytes(12)
  const info = 'WhatsApp Media Retry Notification'
  const key = Buffer.from(hkdfSync('sha256', mediaKey, new Uint8Array(), info, 32))
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(id))
  const ciphertext = Buffer.concat([cipher.update(answer), cipher.final(), cipher.getAuthTag()])
  return [node('enc_p', {}, ciphertext), node('enc_iv', {}, iv)]
}
