export const en = {
  lead: 'A signature shows the receiver that a webhook comes from this server and was not changed on its way.',
  webhook: 'Webhook',

  standard: 'Secret of Standard Webhooks',
  standardHint:
    'With a secret, every webhook carries {header}, which the libraries of Standard Webhooks verify.',
  hours: 'Hours the present secret stays valid',
  hoursHint: 'Both sign meanwhile: give the new one to the receiver within this time.',
  makeSecret: 'Make a new secret',
  newSecret: 'New secret',
  secret: 'Secret',
  noSecret: 'No secret is set.',
  signedWith: 'Signed with {secret}',
  formerSigns: '{secret} signs, too, until {moment}.',
  shownOnce: 'This is the new secret. It is not shown here again.',
  remove: 'Remove',
  removeSecretsTitle: 'Remove the secrets?',
  removeSecretsText:
    'Webhooks no longer carry webhook-signature. A receiver that verifies it will refuse them.',
  secretsRemoved: 'Removed.',

  ownSignature: 'Key of the API’s own signature',
  keyExplained:
    'With a key, every webhook carries {header}: the HMAC-SHA256 of the body, in hexadecimal. The receiver computes it too and compares.',
  key: 'Key',
  keyHint: 'At least 32 characters. It is stored encrypted and never shown again, so keep a copy.',
  keySet: 'A key is set: webhooks are signed.',
  noKey: 'No key is set: webhooks are not signed.',
  saveKey: 'Save key',
  keySaved: 'Saved. Webhooks are signed with this key from now on.',
  generate: 'Generate',
  copy: 'Copy',
  removeKey: 'Remove key',
  removeKeyTitle: 'Remove the key?',
  removeKeyText: 'Webhooks are no longer signed. A receiver that checks signatures will refuse them.',
  keyRemoved: 'Removed. Webhooks are no longer signed.',
}
