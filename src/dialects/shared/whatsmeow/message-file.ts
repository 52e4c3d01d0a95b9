import type { MediaReference } from '../../../delivery/renderer.ts'
import type { MessageEvent } from '../../../events/event.ts'
import type { JsonObject } from '../../../events/event-parts.ts'
import { contentOf } from '../../../events/message-kinds.ts'
import { messageOf, textAt } from '../../../events/unwrap.ts'
import { ownMember } from '../../../lib/own-member.ts'

/** What to use when no file name extension is known for a type. */
const FALLBACK_EXTENSIONS = { image: '.jpg', audio: '.ogg', video: '.mp4', sticker: '.webp' }

// The first extension, in alphabetical order, that the system table of wuzapi's published image has for a type.
const EXTENSIONS: Record<string, string> = {
  'image/jpeg': '.jpe',
  'image/png': '.png',
  'image/gif': '.gif',
  'image/webp': '.webp',
  'audio/ogg': '.oga',
  'audio/mpeg': '.mp3',
  'audio/mp4': '.f4a',
  'audio/aac': '.aac',
  'audio/amr': '.amr',
  'video/mp4': '.f4v',
  'video/3gpp': '.3ga',
  'text/plain': '.asc',
  'text/csv': '.csv',
  'text/html': '.htm',
  'application/pdf': '.pdf',
  'application/zip': '.zip',
  'application/json': '.json',
  'application/msword': '.doc',
  'application/vnd.ms-excel': '.xla',
  'application/vnd.ms-powerpoint': '.pot',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': '.docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': '.xlsx',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': '.pptx',
}

/** The file of a message, if it holds one directly: files of quoted or template messages do not count. */
export function mediaReference(event: Pick<MessageEvent, 'raw' | 'decrypted'>): MediaReference | undefined {
  const { file, content: media } = contentOf(messageOf(event)) ?? {}
  return file && media ? { kind: file, media } : undefined
}

/** `<message id><extension>`, the extension by the type the sender declared. */
export function mediaFileName(messageId: string, { kind, media }: MediaReference): string {
  const declared = (textAt(media, 'mimetype').split(';')[0] ?? '').trim().toLowerCase()
  const known = ownMember(EXTENSIONS, declared)
  return messageId + (known ?? (kind === 'document' ? documentExtension(media) : FALLBACK_EXTENSIONS[kind]))
}

function documentExtension(media: JsonObject): string {
  const name = textAt(media, 'fileName')
  if (!name) return '.bin'
  const file = name.slice(name.lastIndexOf('/') + 1)
  const dot = file.lastIndexOf('.')
  return dot < 0 ? '' : file.slice(dot)
}
