/** How files are sent, by the first part of their type; everything else is a document. */
const KINDS = {
  image: { path: 'chat/send/image', field: 'Image' },
  video: { path: 'chat/send/video', field: 'Video' },
  audio: { path: 'chat/send/audio', field: 'Audio' },
  document: { path: 'chat/send/document', field: 'Document' },
}

/** Pictures that phones do not show as such go as the files they are. */
const NO_PICTURE = /^image\/(svg|x-|vnd)/

/** What a file is sent as: `image`, `video`, `audio` or `document`. */
export function kindOfFile({ type }) {
  const [kind] = type.split('/')
  return kind !== 'document' && kind in KINDS && !NO_PICTURE.test(type) ? kind : 'document'
}

/**
 * The requests that send what was written: one for each file, of which the first has the text as its caption and is the
 * answer to what is quoted; or one for the text alone.
 * @param {{chat: string, text: string, files: File[], quoted?: object}} written
 * @returns {{id: string, path: string, body: object | FormData, shown: object, file?: File}[]} `shown` is what a message
 *   on its way looks like
 */
export function requestsOf({ chat, text, files, quoted }) {
  const context = quoted && { StanzaID: quoted.id, Participant: authorOf(quoted, chat) }
  // Sounds have no caption, so the words beside one go as a message of their own.
  const isCaption = files.length > 0 && kindOfFile(files[0]) !== 'audio'
  const ofFiles = files.map((file, at) =>
    fileRequest({
      chat,
      file,
      caption: isCaption && at === 0 ? text : '',
      ...(at === 0 && { context, quoted }),
    }),
  )
  if (isCaption || text === '') return ofFiles
  const answers = files.length === 0 && { context, quoted }
  return [...ofFiles, textRequest({ chat, text, ...answers })]
}

function textRequest({ chat, text, context, quoted }) {
  const id = newMessageId()
  return {
    id,
    path: 'chat/send/text',
    body: { Phone: chat, Body: text, Id: id, ...(context && { ContextInfo: context }) },
    shown: { kind: 'text', text, quoted },
  }
}

function fileRequest({ chat, file, caption, context, quoted }) {
  const id = newMessageId()
  const kind = kindOfFile(file)
  const { path, field } = KINDS[kind]
  const body = new FormData()
  body.set('Phone', chat)
  body.set('Id', id)
  if (caption) body.set('Caption', caption)
  if (context) body.set('ContextInfo', JSON.stringify(context))
  if (kind === 'audio') body.set('ptt', 'false')
  if (kind === 'document') body.set('FileName', file.name)
  if (kind === 'document' && file.type) body.set('MimeType', file.type)
  body.set(field, file, file.name)
  const media = { kind, mimetype: file.type, fileName: file.name, bytes: file.size, available: true }
  return { id, path, body, file, shown: { kind, text: caption, quoted, media } }
}

/** Who wrote the message that is answered; own ones are known by their address in the chat. */
function authorOf({ sender, fromMe }, chat) {
  return sender || (fromMe ? '' : chat)
}

/** An id like those that WhatsApp's own clients make; the server needs it to know what it was asked twice. */
function newMessageId() {
  const bytes = crypto.getRandomValues(new Uint8Array(9))
  return `3EB0${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`.toUpperCase()
}
