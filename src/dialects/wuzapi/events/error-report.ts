import type { EncodedText, ErrorReportEncoder } from '../../../delivery/renderer.ts'
import { goStringify } from '../../shared/go/stringify.ts'
import { goTimeMs } from '../../shared/go/time.ts'

/** wuzapi's message in the error queue: what could not be delivered, where, and why. */
export const encodeErrorReport: ErrorReportEncoder = (encoded, failed) => {
  const members = [
    ['url', goStringify(failed.url)],
    ['payload', payload(encoded)],
    ['userID', goStringify(failed.userId)],
    ['encryptedHmacKey', goStringify(Buffer.from(failed.sealedHmacKey).toString('hex'))],
    ['attemptTime', goStringify(goTimeMs(failed.failedAt, failed.timeZone))],
    ['errorMessage', goStringify(reason(failed))],
  ]
  return `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`
}

/** The JSON body as it is; of a form its fields. */
function payload({ body, headers }: EncodedText): string {
  if (headers['Content-Type'] === 'application/json') return body
  return goStringify(Object.fromEntries(new URLSearchParams(body)))
}

function reason({ status, answer }: { status?: number; answer: string }): string {
  return status === undefined ? answer : `unexpected status code: ${status}. Body: ${answer}`
}
