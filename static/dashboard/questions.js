const PERSON = {
  name: 'phone',
  label: 'Phone number, with country code',
  kind: 'tel',
  required: true,
  input: { placeholder: '4915112345678' },
}

/** What a linked account can be asked or told without a message; `body` makes of what was entered what the server wants. */
export const QUESTIONS = [
  {
    title: 'Who has WhatsApp',
    path: 'user/check',
    method: 'POST',
    fields: [
      { name: 'phones', label: 'Phone numbers', kind: 'lines', required: true, hint: 'One per line.' },
    ],
    body: ({ phones }) => ({ Phone: phones }),
  },
  {
    title: 'About a person',
    path: 'user/info',
    method: 'POST',
    fields: [PERSON],
    body: ({ phone }) => ({ Phone: [phone] }),
  },
  {
    title: 'Picture of a person',
    path: 'user/avatar',
    method: 'POST',
    fields: [PERSON],
    body: ({ phone }) => ({ Phone: phone, Preview: false }),
  },
  { title: 'Contacts', path: 'user/contacts', method: 'GET', fields: [] },
  { title: 'Groups', path: 'group/list', method: 'GET', fields: [] },
  {
    title: 'Make a group',
    path: 'group/create',
    method: 'POST',
    fields: [
      { name: 'Name', label: 'Name', required: true, input: { maxLength: 100 } },
      {
        name: 'Participants',
        label: 'Members',
        kind: 'lines',
        required: true,
        hint: 'Phone numbers, one per line.',
      },
    ],
  },
  {
    title: 'Join a group',
    path: 'group/join',
    method: 'POST',
    fields: [
      {
        name: 'Code',
        label: 'Invitation',
        required: true,
        input: { placeholder: 'https://chat.whatsapp.com/...' },
      },
    ],
  },
]
