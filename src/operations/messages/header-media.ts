import type { BareBase64, FileInput } from '../../lib/file-input.ts'
import type { Scratch } from '../../media/scratch.ts'
import type { HeaderMedia } from '../../whatsapp/content/native-flow.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { buildDocument, buildImage, buildVideo, openWorkbench } from './media-parts.ts'

/** A file above the text of a message with buttons, or of a card. */
export interface HeaderFile {
  kind: 'image' | 'video' | 'document'
  file: FileInput | BareBase64
  /** The type to announce; by the file when empty. */
  mimeType?: string
  /** What a document is called; `document` when empty. */
  fileName?: string
}

/** Uploads the file. Throws like the sending of a message with a file. */
export async function buildHeader(
  session: LiveSession,
  { kind, file, mimeType, fileName }: HeaderFile,
  scratch: Scratch,
): Promise<HeaderMedia> {
  const bench = await openWorkbench(session, { file, kind, scratch })
  switch (kind) {
    case 'image':
      return buildImage(bench, { mimeType })
    case 'video':
      return buildVideo(bench, { mimeType })
    case 'document':
      return buildDocument(bench, { mimeType, fileName: fileName || 'document' })
  }
}
