const CAPTION = { name: 'Caption', label: 'Caption' }
const MESSAGE_ID = {
  name: 'Id',
  label: 'Id of the message',
  required: true,
  hint: 'That of the message sent last, unless you change it.',
}

/** A field for a file, with the one that is sent when none is chosen. */
function file(name, label, accept, sample) {
  const hint = sample ? 'Without a file, a small sample is sent.' : undefined
  return { name, label, kind: 'file', required: !sample, hint, sample, input: { accept } }
}

/** Every kind of message a server may be able to send. */
export const MESSAGE_KINDS = [
  {
    title: 'Text',
    path: 'chat/send/text',
    fields: [{ name: 'Body', label: 'Message', kind: 'area', required: true, value: 'Hello from Parley' }],
  },
  {
    title: 'Picture',
    path: 'chat/send/image',
    fields: [file('Image', 'Picture', 'image/*', 'picture.jpg'), CAPTION],
  },
  {
    title: 'Voice message',
    path: 'chat/send/audio',
    fields: [file('Audio', 'Recording', 'audio/*', 'voice.ogg')],
    body: (values) => ({ ...values, ptt: true }),
  },
  {
    title: 'Video',
    path: 'chat/send/video',
    fields: [file('Video', 'Video', 'video/*', 'clip.mp4'), CAPTION],
  },
  {
    title: 'Document',
    path: 'chat/send/document',
    fields: [
      file('Document', 'File', '', 'note.txt'),
      { name: 'FileName', label: 'Name the receiver sees', required: true, value: 'note.txt' },
      CAPTION,
    ],
  },
  {
    title: 'Sticker',
    path: 'chat/send/sticker',
    fields: [file('Sticker', 'Picture', 'image/*', 'sticker.webp')],
  },
  {
    title: 'Location',
    path: 'chat/send/location',
    fields: [
      coordinate('Latitude', 90, 52.5163),
      coordinate('Longitude', 180, 13.3777),
      { name: 'Name', label: 'Name of the place', value: 'Brandenburg Gate' },
    ],
  },
  {
    title: 'Contact',
    path: 'chat/send/contact',
    fields: [
      { name: 'Name', label: 'Name', required: true, value: 'Ada Example' },
      {
        name: 'Vcard',
        label: 'vCard',
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
    title: 'Poll',
    path: 'chat/send/poll',
    recipient: 'group',
    fields: [
      { name: 'header', label: 'Question', required: true, value: 'Which day suits you?' },
      lines('options', 'Answers', ['Monday', 'Tuesday', 'Wednesday']),
    ],
  },
  {
    title: 'Buttons',
    path: 'chat/send/buttons',
    fields: [
      { name: 'Title', label: 'Title', value: 'Your order' },
      { name: 'Body', label: 'Message', kind: 'area', required: true, value: 'May we deliver tomorrow?' },
      { name: 'Footer', label: 'Footer' },
      lines('Buttons', 'Buttons', ['Yes', 'No']),
    ],
    body: ({ Buttons: words, ...values }) => ({
      ...values,
      Buttons: words.map((title, at) => ({ type: 'reply', id: `button-${at + 1}`, title })),
    }),
  },
  {
    title: 'List',
    path: 'chat/send/list',
    fields: [
      { name: 'TopText', label: 'Title', value: 'Opening hours' },
      { name: 'Desc', label: 'Message', kind: 'area', required: true, value: 'When would you like to come?' },
      { name: 'ButtonText', label: 'Words on the button', required: true, value: 'Choose' },
      lines('rows', 'Rows', ['Morning', 'Afternoon']),
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
    title: 'Reaction to a message',
    path: 'chat/react',
    fields: [MESSAGE_ID, { name: 'Body', label: 'Emoji', required: true, value: '👍' }],
  },
  {
    title: 'Change of a message',
    path: 'chat/send/edit',
    fields: [
      MESSAGE_ID,
      { name: 'Body', label: 'New words', kind: 'area', required: true, value: 'Hello again' },
    ],
  },
  { title: 'Removal of a message', path: 'chat/delete', fields: [MESSAGE_ID] },
]

function coordinate(name, limit, value) {
  const input = { min: -limit, max: limit, step: 'any' }
  return { name, label: `${name} in degrees`, kind: 'number', required: true, value, input }
}

function lines(name, label, value) {
  return { name, label, kind: 'lines', required: true, hint: 'One per line.', value }
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
