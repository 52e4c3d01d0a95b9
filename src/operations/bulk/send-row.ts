import type { BulkRow } from '../../store/messages/bulk-rows.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { sendText } from '../messages/send.ts'
import { sendAudio, sendDocument, sendImage, sendVideo } from '../messages/send-media.ts'
import { kindOfFile, nameOfFile } from './media-kind.ts'

/** Sends the message of a row; resolves when the server has acknowledged it. */
export function sendRow(
  session: LiveSession,
  { phone: to, text, mediaUrl: file, messageId: id }: BulkRow,
): Promise<Sent> {
  if (file === '') return sendText(session, { to, id, text })
  switch (kindOfFile(file)) {
    case 'image':
      return sendImage(session, { to, id, file, caption: text })
    case 'video':
      return sendVideo(session, { to, id, file, caption: text })
    case 'audio':
      return sendAudio(session, { to, id, file, isVoice: false })
    case 'document':
      return sendDocument(session, { to, id, file, caption: text, fileName: nameOfFile(file) })
  }
}
