import { numberText } from '../../language.js'
import { lengthText } from './times.js'
import { words } from './words.js'

/** What kinds of message are called where their content cannot stand, by the server's word or that of their file. */
const KINDS = {
  image: 'kindImage',
  video: 'kindVideo',
  audio: 'kindAudio',
  voice: 'kindVoice',
  document: 'kindDocument',
  sticker: 'kindSticker',
  location: 'kindLocation',
  contact: 'kindContact',
  poll: 'kindPoll',
  poll_result: 'kindPollResult',
  event: 'kindEvent',
  event_invite: 'kindEvent',
  group_invite: 'kindGroupInvite',
  channel_invite: 'kindChannelInvite',
  album: 'kindAlbum',
  sticker_pack: 'kindStickerPack',
  list: 'kindList',
  buttons: 'kindButtons',
  template: 'kindButtons',
  order: 'kindOrder',
  product: 'kindProduct',
  payment: 'kindPayment',
  call: 'kindCall',
  hidden: 'kindHidden',
}

const STATES = {
  sending: 'stateSending',
  accepted: 'stateAccepted',
  sent: 'stateSent',
  delivered: 'stateDelivered',
  read: 'stateRead',
  played: 'statePlayed',
  failed: 'stateFailed',
}

/** What chats are called that have no name, and what stands below the name of those that have no number. */
const CHAT_KINDS = {
  person: 'chatPerson',
  group: 'chatGroup',
  channel: 'chatChannel',
  status: 'chatStatus',
  broadcast: 'chatBroadcast',
}

const OUTCOMES = {
  answered: 'callAnswered',
  missed: 'callMissed',
  rejected: 'callRejected',
  failed: 'callFailed',
  silenced_by_dnd: 'callMissed',
  silenced_unknown_caller: 'callMissed',
}

/** What a chat is called: its name, else its number, else what it is. */
export function nameOfChat({ name, phone, kind }) {
  return name || phone || words(CHAT_KINDS[kind])
}

/** What stands below the name of a chat: the number, or what it is; '' where the name says that. */
export function detailOfChat(chat) {
  const detail = chat.phone || words(CHAT_KINDS[chat.kind])
  return detail === nameOfChat(chat) ? '' : detail
}

/** What a kind of message is called. */
export function kindText(kind) {
  return words(KINDS[kind] ?? 'kindOther')
}

/** What a message says in one line: its words, or what it is. */
export function lineOf({ deleted, text, kind, media, call, poll, location, contact }) {
  if (deleted) return words('deletedLine')
  if (call) return callText(call)
  const name = media ? kindText(media.kind) : kindText(kind)
  const said = text || poll?.question || location?.name || contact?.name || media?.fileName || ''
  if (kind === 'text' || said === '') return said || name
  return words('lineOfKind', { kind: name, text: said })
}

/** What became of an own message, in a word or two; '' for one that somebody sent on the phone. */
export function stateText(state) {
  return state ? words(STATES[state.status] ?? 'stateAccepted') : ''
}

/** Why a message was not sent. */
export function reasonText({ reason }) {
  return reason ? words('failedBecause', { reason }) : words('failedUnknown')
}

/** A call in words, with how long it was. */
export function callText({ outcome, seconds }) {
  const what = words(OUTCOMES[outcome] ?? 'kindCall')
  return seconds > 0 ? words('callLasted', { what, length: lengthText(seconds) }) : what
}

/** Who wrote a message. */
export function writerOf({ fromMe, senderName, sender }) {
  return fromMe ? words('you') : senderName || phoneText(sender) || words('somebody')
}

/** The number of a person by its JID, '' for who has none. */
export function phoneText(jid = '') {
  return /^\d+@(s\.whatsapp\.net|c\.us)$/.test(jid) ? `+${jid.split('@')[0]}` : ''
}

/** A count for a mark that has little room. */
export function badgeText(count) {
  return count > 99 ? '99+' : numberText(count)
}
