/** The most a text may have in characters (Unicode code points), a list in entries, bytes in bytes. */
export interface Limit {
  max: number
  /** Who says so. */
  source: string
}

const CLIENT = "a constant of WhatsApp's own web client"
const APP = "the input field of WhatsApp's apps"
const PLATFORM = "the documentation of WhatsApp's business platform allows fewer; its phones show more"
const BUSINESS = "the documentation of WhatsApp's business platform"
const CARDS = "the documentation of WhatsApp's business platform for carousels of media"
const BANK = "the manual of Brazil's central bank for instant payments"
const OURS = 'nobody documents one; this is generous'

/**
 * The limits of everything a request may hold. A field that names none has the first one of its kind: `text`, `list` or
 * `free`. Without them one long text ends the process: the library writes a stanza as an array of single bytes, once for
 * every device of the recipient, and Node gives up where such an array no longer fits.
 */
export const limits = {
  /** Any text; also that of a message: body, caption, footer. */
  text: { max: 65_536, source: CLIENT },
  /** Any list; also of people: members, mentions. */
  list: { max: 1_024, source: 'the members of the largest group, by the help pages of WhatsApp' },
  /** A JSON value of any shape, in the characters of its texts and names and one for every value: a quoted message. */
  free: { max: 524_288, source: OURS },
  /** A message in protobuf, in bytes, before it is encrypted: two longest texts and two thumbnails fit. */
  message: { max: 1_048_576, source: OURS },

  // What WhatsApp shows.
  reaction: { max: 30, source: CLIENT },
  pushName: { max: 25, source: CLIENT },
  about: { max: 139, source: APP },
  groupSubject: { max: 100, source: APP },
  groupDescription: { max: 2_048, source: APP },
  channelName: { max: 100, source: APP },
  channelDescription: { max: 2_048, source: APP },
  pollQuestion: { max: 255, source: APP },
  pollOption: { max: 100, source: APP },
  pollOptions: { max: 12, source: APP },
  labels: { max: 20, source: CLIENT },
  /** Chats that are labelled at once; each is a change of its own, one after the other. */
  labelledChats: { max: 100, source: OURS },
  labelName: { max: 100, source: APP },
  contactName: { max: 255, source: OURS },
  eventName: { max: 100, source: APP },
  eventDescription: { max: 2_048, source: APP },
  albumItems: { max: 30, source: "WhatsApp's apps let choose so many at once" },
  /** Cards in one message. */
  contacts: { max: 100, source: OURS },
  placeName: { max: 1_024, source: OURS },
  vcard: { max: 65_536, source: OURS },
  fileName: { max: 255, source: 'the longest name of most file systems' },
  stickerPack: { max: 128, source: "WhatsApp's documentation for makers of stickers" },
  stickerEmojis: { max: 20, source: "WhatsApp's documentation for makers of stickers asks for three" },
  buttonText: { max: 1_024, source: PLATFORM },
  buttonId: { max: 1_024, source: PLATFORM },
  buttons: { max: 50, source: PLATFORM },
  carouselCards: { max: 10, source: CARDS },
  /** Of one card. */
  cardButtons: {
    max: 3,
    source: "what phones show on a card; the business platform's documentation has two",
  },
  orderItems: { max: 100, source: OURS },
  currency: { max: 3, source: 'ISO 4217' },
  orderReference: { max: 35, source: "the documentation of WhatsApp's business platform for payments" },
  pixKey: { max: 77, source: BANK },
  merchantName: { max: 255, source: OURS },
  linkTitle: { max: 300, source: OURS },
  linkDescription: { max: 600, source: OURS },
  textStatus: { max: 700, source: APP },
  /** People one status post is encrypted for. */
  statusViewers: { max: 5_000, source: OURS },
  personaId: { max: 128, source: OURS },
  listSections: { max: 50, source: PLATFORM },
  listRows: { max: 100, source: PLATFORM },
  businessDescription: { max: 512, source: BUSINESS },
  businessAddress: { max: 256, source: BUSINESS },
  businessEmail: { max: 128, source: BUSINESS },
  productName: { max: 150, source: APP },
  productDescription: { max: 5_000, source: APP },
  productImages: { max: 10, source: APP },
  retailerId: { max: 100, source: APP },

  // What it is addressed by.
  address: { max: 128, source: 'a JID has some forty characters' },
  messageId: { max: 128, source: 'an id of WhatsApp has at most thirty-two characters' },
  mimeType: { max: 255, source: 'RFC 6838, section 4.2: 127 for each of its two names' },
  /** A token or key of a push service. */
  pushToken: { max: 4_096, source: OURS },
  url: { max: 8_192, source: 'RFC 9110, section 4.1: at least 8,000 should be understood' },
  mediaKey: { max: 1_024, source: 'keys and hashes have 32 bytes' },
  waveform: { max: 1_024, source: 'a waveform has 64 bytes' },
  thumbnail: { max: 65_536, source: OURS },
  /** A picture for a profile, as base64 or a data URL; WhatsApp takes 640 by 640 pixels. */
  picture: { max: 8_388_608, source: OURS },
  /** People that are looked up, some hundreds at a time. */
  lookUp: { max: 5_000, source: OURS },

  /** Rows of a bulk job, and the bytes of its file. */
  bulkRows: { max: 10_000, source: OURS },
  bulkFile: { max: 5_242_880, source: OURS },

  /** People that come from another server at once. */
  importedUsers: { max: 20_000, source: OURS },

  // What is stored here.
  name: { max: 255, source: OURS },
  /** What an answer gave to go on with. */
  cursor: { max: 2_048, source: OURS },
  secret: { max: 1_024, source: OURS },
  events: { max: 8_192, source: 'every event that exists, named twice' },
} as const satisfies Record<string, Limit>
