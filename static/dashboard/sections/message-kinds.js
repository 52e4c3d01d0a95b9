import { words } from './words.js'

const CAPTION = { name: 'Caption', label: words('caption') }
const MESSAGE_ID = {
  name: 'Id',
  label: words('messageId'),
  required: true,
  hint: words('messageIdHint'),
}

/** A field for a file, with the one that is sent when none is chosen. */
function file(name, label, accept, sample) {
  const hint = sample ? words('sampleHint') : undefined
  return { name, label, kind: 'file', required: !sample, hint, sample, input: { accept } }
}

/** Every kind of message a server may be able to send. */
export const MESSAGE_KINDS = [
  {
    title: words('kindText'),
    path: 'chat/send/text',
    fields: [
      { name: 'Body', label: words('message'), kind: 'area', required: true, value: words('sampleHello') },
    ],
  },
  {
    title: words('kindPicture'),
    path: 'chat/send/image',
    fields: [file('Image', words('kindPicture'), 'image/*', 'picture.jpg'), CAPTION],
  },
  {
    title: words('kindVoice'),
    path: 'chat/send/audio',
    fields: [file('Audio', words('recording'), 'audio/*', 'voice.ogg')],
    body: (values) => ({ ...values, ptt: true }),
  },
  {
    title: words('kindVideo'),
    path: 'chat/send/video',
    fields: [file('Video', words('kindVideo'), 'video/*', 'clip.mp4'), CAPTION],
  },
  {
    title: words('kindDocument'),
    path: 'chat/send/document',
    fields: [
      file('Document', words('file'), '', 'note.txt'),
      { name: 'FileName', label: words('fileName'), required: true, value: 'note.txt' },
      CAPTION,
    ],
  },
  {
    title: words('kindSticker'),
    path: 'chat/send/sticker',
    fields: [file('Sticker', words('kindPicture'), 'image/*', 'sticker.webp')],
  },
  {
    title: words('kindLocation'),
    path: 'chat/send/location',
    fields: [
      coordinate('Latitude', 'latitude', 90, 52.5163),
      coordinate('Longitude', 'longitude', 180, 13.3777),
      { name: 'Name', label: words('placeName'), value: words('samplePlace') },
    ],
  },
  {
    title: words('kindContact'),
    path: 'chat/send/contact',
    fields: [
      { name: 'Name', label: words('name'), required: true, value: words('samplePerson') },
      {
        name: 'Vcard',
        label: words('vcard'),
        kind: 'area',
        required: true,
        value: [
          'BEGIN:VCARD',
          'VERSION:3.0',
          'N:Example;Ada;;;',
          'FN:Ada Example',
          'TEL;type=CELL;waid=4915550001234:+49 1555 0001234',
          'END:VCARD',
        ].join('\n'),
      },
    ],
  },
  {
    title: words('kindPoll'),
    path: 'chat/send/poll',
    recipient: 'group',
    fields: [
      { name: 'header', label: words('question'), required: true, value: words('samplePollQuestion') },
      lines('options', 'pollAnswers', ['sampleMonday', 'sampleTuesday', 'sampleWednesday']),
    ],
  },
  {
    title: words('kindButtons'),
    path: 'chat/send/buttons',
    fields: [
      { name: 'Title', label: words('title'), value: words('sampleOrder') },
      { name: 'Body', label: words('message'), kind: 'area', required: true, value: words('sampleDeliver') },
      { name: 'Footer', label: words('footer') },
      lines('Buttons', 'kindButtons', ['sampleYes', 'sampleNo']),
    ],
    body: ({ Buttons: texts, ...values }) => ({
      ...values,
      Buttons: texts.map((title, at) => ({ type: 'reply', id: `button-${at + 1}`, title })),
    }),
  },
  {
    title: words('kindList'),
    path: 'chat/send/list',
    fields: [
      { name: 'TopText', label: words('title'), value: words('sampleHours') },
      { name: 'Desc', label: words('message'), kind: 'area', required: true, value: words('sampleWhen') },
      { name: 'ButtonText', label: words('buttonWords'), required: true, value: words('sampleChoose') },
      lines('rows', 'rows', ['sampleMorning', 'sampleAfternoon']),
    ],
    body: ({ rows, ...values }) => ({
      ...values,
      Sections: [
        {
          title: values.TopText,
          rows: rows.map((title, at) => ({ title, desc: '', RowId: `row-${at + 1}` })),
        },
      ],
    }),
  },
  {
    title: words('kindReaction'),
    path: 'chat/react',
    fields: [MESSAGE_ID, { name: 'Body', label: words('emoji'), required: true, value: '👍' }],
  },
  {
    title: words('kindChange'),
    path: 'chat/send/edit',
    fields: [
      MESSAGE_ID,
      {
        name: 'Body',
        label: words('newWords'),
        kind: 'area',
        required: true,
        value: words('sampleHelloAgain'),
      },
    ],
  },
  { title: words('kindRemoval'), path: 'chat/delete', fields: [MESSAGE_ID] },
]

function coordinate(name, key, limit, value) {
  const input = { min: -limit, max: limit, step: 'any' }
  return { name, label: words(key), kind: 'number', required: true, value, input }
}

function lines(name, key, samples) {
  const value = samples.map((sample) => words(sample))
  return { name, label: words(key), kind: 'lines', required: true, hint: words('onePerLine'), value }
}

/**
 * The body of a request, as the server wants it.
 * @param {object} kind an entry of MESSAGE_KINDS
 * @param {object} values what was entered; files have become data URLs
 */
export function bodyOf(kind, to, values) {
  const given = Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== '' && value !== undefined),
  )
  return { [kind.recipient ?? 'Phone']: to, ...(kind.body?.(given) ?? given) }
}
