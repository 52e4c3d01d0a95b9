export const en = {
  logins: 'Logins',
  key: 'Key',
  newKey: 'New key',
  about:
    'For people who help users: they see the users, chats and deliveries, and change nothing. Tokens and secrets are not shown to them. The log says who looked.',
  name: 'Name of the person',
  nameHint: 'The log uses this name.',
  users: 'Ids of the users it sees',
  usersHint: 'Optional, with commas between them. All users when empty.',
  make: 'Make a login',
  made: 'This is its key. It is not shown here again.',
  none: 'No logins yet.',
  seesAll: 'Sees all users',
  sees: { one: 'Sees {count} user', other: 'Sees {count} users' },
  removeTitle: 'Remove the login {name}?',
  removeText: 'Its key is refused from now on.',
}
