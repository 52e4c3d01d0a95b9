import type { ApiError, ErrorCode } from '../../lib/errors.ts'
import { ownMember } from '../../lib/own-member.ts'

/** wuzapi knows no status for these: whatever goes wrong between it and WhatsApp is a 500. */
const statuses: Partial<Record<ErrorCode, number>> = {
  upstream_timeout: 500,
  upstream_refused: 500,
}

/** Statuses that were different in the era of the reference document. */
const referenceStatuses: Partial<Record<ErrorCode, number>> = {
  already_connected: 500,
}

/**
 * Today's sentence -> the original one, where more than the first letter changed. A sentence that may be followed by a
 * cause is compared by its beginning.
 */
const originals: Record<string, string> = {
  'already connected': 'Already Connected',
  'already logged in': 'Already Loggedin',
  'audio must be base64 (data:audio/) or valid HTTP URL':
    'Audio data should start with "data:audio/ogg;base64,"',
  'could not decode base64 encoded data': 'Could not decode base64 encoded data from payload',
  'could not decode payload': 'Could not decode Payload',
  'could not logout as it was not logged in': 'Could not disconnect as it was not logged in',
  'document data should start with "data:" or be a valid HTTP URL':
    'Document data should start with "data:application/octet-stream;base64,"',
  'failed to connect': 'Failed to Connect',
  'image data should start with "data:image/" (supported formats: jpeg, png, gif, webp)':
    'Image data should start with "data:image/jpeg;base64,"',
  'missing ChatPhone in Payload': 'Missing Chat in Payload',
  'missing StanzaID in ContextInfo': 'Missing StanzaId in ContextInfo',
}

/** The status and sentence of a failure. Endpoints write today's sentences; the reference profile derives the original. */
export function wording(error: ApiError, profile: string): { status: number; text: string } {
  const status = statuses[error.code] ?? error.status
  if (profile === 'current') return { status, text: error.message }
  return { status: referenceStatuses[error.code] ?? status, text: original(error.message) }
}

/** The original capitalised its sentences, except those that begin with the name of a field. */
function original(text: string): string {
  const exact = ownMember(originals, text)
  if (exact !== undefined) return exact
  const firstWord = text.split(' ', 1)[0] ?? ''
  if (firstWord.includes('_')) return text
  return text.charAt(0).toUpperCase() + text.slice(1)
}
