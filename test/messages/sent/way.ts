import type { Dialect } from '../conversation.ts'

/** A file by its bytes, as a part of a form takes it. */
export interface SampleFile {
  bytes: Uint8Array
  name: string
  type: string
}

/** What the requests of the table name. */
export interface Place {
  /** JID of the chat: that of a person, the group, the status or the own channel. */
  to: string
  /** JIDs of the own account, of another member of the group, and their number in digits. */
  me: string
  friend: string
  friendPhone: string
  /** The message that it is about: its id, who wrote it, and its number in a channel. */
  id: string
  author: string
  serverId: number
  /** Address of a page with a picture, and of the picture. */
  page: string
  picture: string
  /** Link that invites to the group. */
  invite: string
  files: Record<'jpeg' | 'gif' | 'mp4' | 'ogg' | 'mp3' | 'pdf' | 'zip' | 'webp', SampleFile>
}

/** How a dialect sends a kind. */
export interface Way {
  /** As the dialect's document writes it; POST, unless a method stands before it. */
  route: string
  /** What is sent along; path parameters are filled in by their names. */
  body: (place: Place) => object
  /** The route is there, and answers so: 501 and why. */
  refused?: string
}

/** A message of the chat that another one is about. */
export type About = 'own text' | 'own picture' | 'own poll' | 'their text' | 'their picture' | 'their poll'

/** One kind of content, and how each dialect sends it: a short reason where it does not. */
export interface SentKind extends Record<Dialect, Way | string> {
  /** What people call it. */
  name: string
  /** Where it is sent to; a chat of two when absent. */
  where?: 'group' | 'status' | 'channel' | 'bot'
  about?: About
  /** The text that that message shows from then on. */
  becomes?: string
  /** The member of `Message` that arrives and what it has, among other things. */
  member: string
  holds?: unknown
  /** What the stanza says of it. */
  attributes: StanzaAttributes
}

/** By the names that they have in the stanza, its ciphertext and its `<meta>`. */
export interface StanzaAttributes {
  type: 'text' | 'media' | 'poll' | 'event' | 'reaction'
  mediatype?: string
  edit?: string
  'decrypt-fail'?: 'hide'
  polltype?: string
  event_type?: string
}

/** Neither the original nor an addition of ours has a route. */
export const NONE = ''

/** What most dialects of a row that few can send say. */
export const nowhere: Record<Dialect, string> = {
  wuzapi: NONE,
  'wago-api': NONE,
  wsgo: NONE,
  wago: NONE,
  multisession: NONE,
}

export function way(route: string, body: (place: Place) => object): Way {
  return { route, body }
}

export function dataUrl({ bytes, type }: SampleFile): string {
  return `data:${type};base64,${base64(bytes)}`
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
