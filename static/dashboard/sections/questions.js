import { words } from './words.js'

const PERSON = {
  name: 'phone',
  label: words('phoneNumber'),
  kind: 'tel',
  required: true,
  input: { placeholder: '4915112345678' },
}

/** What a linked account can be asked or told without a message; `body` makes of what was entered what the server wants. */
export const QUESTIONS = [
  {
    title: words('askWho'),
    path: 'user/check',
    fields: [
      {
        name: 'phones',
        label: words('phoneNumbers'),
        kind: 'lines',
        required: true,
        hint: words('onePerLine'),
      },
    ],
    body: ({ phones }) => ({ Phone: phones }),
  },
  {
    title: words('askPerson'),
    path: 'user/info',
    fields: [PERSON],
    body: ({ phone }) => ({ Phone: [phone] }),
  },
  {
    title: words('askPicture'),
    path: 'user/avatar',
    fields: [PERSON],
    body: ({ phone }) => ({ Phone: phone, Preview: false }),
  },
  {
    title: words('askMakeGroup'),
    path: 'group/create',
    fields: [
      { name: 'Name', label: words('name'), required: true, input: { maxLength: 100 } },
      {
        name: 'Participants',
        label: words('groupMembers'),
        kind: 'lines',
        required: true,
        hint: words('groupMembersHint'),
      },
    ],
  },
  {
    title: words('askJoinGroup'),
    path: 'group/join',
    fields: [
      {
        name: 'Code',
        label: words('invitation'),
        required: true,
        input: { placeholder: 'https://chat.whatsapp.com/...' },
      },
    ],
  },
]
