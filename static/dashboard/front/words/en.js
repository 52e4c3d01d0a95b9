export const en = {
  title: 'Sign in',
  lead: 'The admin token opens all users of this server. A user’s token opens that user’s account, and a login for support the chats it looks after.',
  token: 'Token',
  hint: 'The server prints the admin token when it starts. Tokens stay in this tab and are forgotten when it closes.',
  signIn: 'Sign in',
  refused: 'The server no longer accepts this token. Paste a current one.',

  welcome: 'Link the first phone',
  stepsTitle: 'First steps',
  stepsLead: 'No phone is linked to this server yet. The first one takes a minute.',
  stepSignIn: 'Sign in with the admin token: the server printed it when it started.',
  stepName: 'Give the first user a name. One user is one linked WhatsApp account, with a token of its own.',
  stepScan: 'Scan the code with the phone: WhatsApp, Settings, Linked devices.',
  stepScanForMe:
    'Press “Scan for me” when the code is there: the simulated network has no phones, and the button plays one.',
  stepSend: 'Send a first message, and read what comes back.',
  stepWebhook: 'Give your program the token, and the server the address of your webhook.',
  name: 'Name',
  nameHint: 'What you call it: a shop, a team, a number.',
  start: 'Create and link a phone',
  moveHere: 'Bring users from another server',
  withoutPhone: 'Go to the list of users',
}
