// Values that the documents give as examples: people, groups and files that do not exist.

export const PERSON = '5491155554444@s.whatsapp.net'
export const GROUP = '120363025246125486@g.us'
export const CHANNEL = '120363144038483540@newsletter'
export const MESSAGE_ID = '3EB0C127D7BACC83D6A1'
export const SECONDS = 1_773_500_966
export const TIME = '2026-03-14T15:09:26Z'
/** A picture of one pixel. */
export const PICTURE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
