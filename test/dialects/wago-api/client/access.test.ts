import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestUser } from '../../../helpers/app.ts'
import { testAccess } from '../access.ts'
import { failure, Wago } from '../wago.ts'

let wago: Wago
let other: TestUser
let unlinked: TestUser
beforeAll(async () => {
  wago = await Wago.start()
  other = await wago.app.createUser({ name: 'other' })
  unlinked = await wago.app.createUser({ name: 'unlinked' })
})
afterAll(() => wago.stop())

/** Every route of the chapters Client and Contact with a body that it would accept. */
const routes: [method: string, path: string, body?: object][] = [
  ['GET', '/client/getContacts'],
  ['GET', '/client/getChats'],
  ['GET', '/client/getChannels'],
  ['GET', '/client/getState'],
  ['POST', '/client/isRegisteredUser', { number: '491711234567' }],
  ['POST', '/client/getNumberId', { number: '491711234567' }],
  ['POST', '/client/getContactById', { contactId: '491711234567' }],
  ['POST', '/client/getChatById', { chatId: '491711234567' }],
  ['POST', '/client/getProfilePicUrl', { contactId: '491711234567' }],
  ['POST', '/client/setProfilePicture', { pictureData: 'aGVsbG8=' }],
  ['DELETE', '/client/deleteProfilePicture'],
  ['POST', '/client/setStatus', { status: 'Busy' }],
  ['POST', '/client/setPushName', { pushName: 'Shop' }],
  ['POST', '/client/sendPresenceAvailable'],
  ['POST', '/client/sendPresenceUnavailable'],
  ['POST', '/client/subscribePresence', { contactId: '491711234567' }],
  ['POST', '/client/sendSeen', { chatId: '491711234567' }],
  ['POST', '/client/getBlockedContacts'],
  ['POST', '/client/getPrivacySettings'],
  ['POST', '/client/acceptInvite', { inviteCode: 'HffXhYmzzyJGec61oqMXiz' }],
  ['POST', '/client/getInviteInfo', { inviteCode: 'HffXhYmzzyJGec61oqMXiz' }],
  ['POST', '/client/archiveChat', { chatId: '491711234567' }],
  ['POST', '/client/unarchiveChat', { chatId: '491711234567' }],
  ['POST', '/client/muteChat', { chatId: '491711234567' }],
  ['POST', '/client/unmuteChat', { chatId: '491711234567' }],
  ['POST', '/client/pinChat', { chatId: '491711234567' }],
  ['POST', '/client/unpinChat', { chatId: '491711234567' }],
  ['POST', '/client/markChatUnread', { chatId: '491711234567' }],
  ['POST', '/client/syncHistory', { chatId: '491711234567' }],
  ['POST', '/client/getCommonGroups', { contactId: '491711234567' }],
  ['POST', '/client/getContactDeviceCount', { userId: '491711234567' }],
  ['POST', '/client/getUserDevices', { userId: '491711234567' }],
  ['POST', '/client/getCountryCode', { number: '491711234567' }],
  ['POST', '/client/getFormattedNumber', { number: '491711234567' }],
  ['POST', '/client/getLabels'],
  ['POST', '/client/addOrRemoveLabels', { labelIds: ['1'], chatIds: ['491711234567'] }],
  ['POST', '/client/editLabel', { labelId: '1', name: 'VIP' }],
  ['POST', '/client/createGroup', { title: 'Team' }],
  ['POST', '/client/createChannel', { title: 'News' }],
  ['POST', '/client/subscribeToChannel', { channelId: '120363222222222222@newsletter' }],
  ['POST', '/client/unsubscribeFromChannel', { channelId: '120363222222222222@newsletter' }],
  ['POST', '/client/getChannelByInviteCode', { inviteCode: '0029VaAAAAAAAAAAAAAA' }],
  ['POST', '/contact/block', { contactId: '491711234567' }],
  ['POST', '/contact/unblock', { contactId: '491711234567' }],
  ['POST', '/contact/getProfilePicUrl', { contactId: '491711234567' }],
  ['POST', '/contact/getAbout', { contactId: '491711234567' }],
  ['POST', '/contact/getChat', { contactId: '491711234567' }],
  ['POST', '/contact/getFormattedNumber', { contactId: '491711234567' }],
  ['POST', '/contact/getCountryCode', { contactId: '491711234567' }],
  ['POST', '/contact/getCommonGroups', { contactId: '491711234567' }],
  ['POST', '/contact/getQRLink', {}],
  ['POST', '/contact/resolveQR', { code: 'ABCDEF' }],
]

describe.each(routes)('%s %s', (method, path, body) => {
  async function answer(session: string, key: string) {
    const { status, json } = await wago.request(method, `${path}/${session}`, { key, body })
    return [status, json]
  }

  testAccess(answer, () => ({ other, unlinked }))
})

const noPerson = 'is not a valid id: use number@s.whatsapp.net'
const noNumber = 'number is not a phone number with its country code'

describe.each(['/client', '/contact'])('ids of people in %s', (chapter) => {
  const paths = routes.flatMap(([, path, body]) =>
    path.startsWith(chapter) && body && 'contactId' in body && !/Number|Country/.test(path) ? [path] : [],
  )

  test.each(paths)('%s refuses what is none', async (path) => {
    const answers = []
    for (const contactId of [undefined, null, '', '12', 'a b@s.whatsapp.net', '1@2@lid', '5511@x.org'])
      answers.push((await wago.call(`${path}/main`, { contactId })).json)

    const missing = failure('contactId is required')
    const odd = failure(`contactId ${noPerson}`)
    expect(answers).toEqual([missing, missing, missing, odd, odd, odd, odd])
  })

  test.each(paths.filter((path) => !path.endsWith('PicUrl')))('%s refuses what is nobody', async (path) => {
    const { status, json } = await wago.call(`${path}/main`, { contactId: '120363000000000001@g.us' })

    expect([status, json]).toEqual([400, failure('contactId is not a person')])
  })
})

describe('ids of chats', () => {
  const paths = routes.flatMap(([, path, body]) => (body && 'chatId' in body ? [path] : []))

  test.each(paths)('%s refuses what is none', async (path) => {
    const missing = await wago.call(`${path}/main`, {})
    const odd = await wago.call(`${path}/main`, { chatId: '5511 99@s.whatsapp.net' })

    expect([missing.status, missing.json]).toEqual([400, failure('chatId is required')])
    expect([odd.status, odd.json]).toEqual([400, failure(`chatId ${noPerson}`)])
  })
})

describe('bodies', () => {
  const withFields = routes.filter(([, , body]) => body !== undefined && Object.keys(body).length > 0)

  test.each(withFields)(
    '%s %s refuses fields of another type, and what is no JSON',
    async (_, path, body) => {
      const wrong = Object.fromEntries(Object.keys(body ?? {}).map((name) => [name, { a: 1 }]))

      const typed = await wago.call(`${path}/main`, wrong)
      const broken = await wago.call(`${path}/main`, '{')

      const refused = [400, failure('Invalid request body')]
      expect([typed.status, typed.json]).toEqual(refused)
      expect([broken.status, broken.json]).toEqual(refused)
    },
  )

  test.each([
    ['/client/isRegisteredUser', {}, 'number is required'],
    ['/client/isRegisteredUser', { number: 'abc' }, noNumber],
    ['/client/getNumberId', {}, 'number is required'],
    ['/client/getNumberId', { number: '12' }, noNumber],
    ['/client/getCountryCode', {}, 'number is required'],
    ['/client/getCountryCode', { number: '0@lid' }, noNumber],
    [
      '/client/getCountryCode',
      { number: '99999999999' },
      '99999999999 is not a phone number with its country code',
    ],
    ['/client/getFormattedNumber', {}, 'number is required'],
    ['/client/getFormattedNumber', { number: '+' }, noNumber],
    ['/contact/getCountryCode', {}, 'contactId is required'],
    ['/contact/getCountryCode', { number: 'x' }, noNumber],
    ['/contact/getFormattedNumber', {}, 'contactId is required'],
    ['/contact/getFormattedNumber', { contactId: '1@g.us' }, 'contactId is not a person'],
    ['/client/getContactDeviceCount', {}, 'userId is required'],
    ['/client/getContactDeviceCount', { userId: '1@g.us' }, 'userId is not a person'],
    ['/client/getUserDevices', {}, 'userId is required'],
    ['/client/getUserDevices', { userId: ['x y'] }, 'userId holds an id that is not valid'],
    ['/client/getUserDevices', { userId: '12345@g.us' }, 'userId holds an id that is not valid'],
    ['/client/setStatus', {}, 'status is required'],
    ['/client/setPushName', {}, 'pushName is required'],
    ['/client/setPushName', { displayName: '' }, 'pushName is required'],
    ['/client/setProfilePicture', {}, 'pictureData is required'],
    ['/client/setProfilePicture', { pictureData: '%%%' }, 'pictureData is neither base64 nor a data URL'],
    ['/client/setProfilePicture', { pictureData: 'data:x' }, 'pictureData is neither base64 nor a data URL'],
    [
      '/client/setProfilePicture',
      { pictureData: 'aGVsbG8=' },
      'pictureData is not a picture that can be read',
    ],
    ['/client/acceptInvite', {}, 'inviteCode is required'],
    ['/client/getInviteInfo', { inviteCode: '' }, 'inviteCode is required'],
    ['/client/muteChat', { chatId: '491711234567', unmuteDate: 'tomorrow' }, 'unmuteDate is not a date'],
    ['/client/muteChat', { chatId: '491711234567', unmuteDate: '2020-01-01' }, 'unmuteDate is in the past'],
    ['/client/muteChat', { chatId: '491711234567', unmuteDate: 1_500_000_000 }, 'unmuteDate is in the past'],
    ['/client/sendSeen', { chatId: '1@g.us', sender: '1@g.us' }, 'sender is not a person'],
    ['/client/addOrRemoveLabels', { chatId: '491711234567' }, 'labelIds is required'],
    ['/client/addOrRemoveLabels', { labelIds: [''], chatId: '491711234567' }, 'labelIds is required'],
    ['/client/addOrRemoveLabels', { labelId: '1' }, 'chatIds is required'],
    ['/client/addOrRemoveLabels', { labelId: '1', chatIds: ['?'] }, `chatIds ${noPerson}`],
    [
      '/client/addOrRemoveLabels',
      { labelId: '1', chatId: '491711234567', action: 'toggle' },
      'action is add or remove',
    ],
    ['/client/editLabel', {}, 'labelId is required'],
    ['/client/editLabel', { labelId: '99' }, 'name is required'],
    ['/client/editLabel', { labelId: '99', name: 'x', color: 20 }, 'color is a number from 0 to 19'],
    ['/client/createGroup', {}, 'title is required'],
    [
      '/client/createGroup',
      { title: 'x', participants: ['1@g.us'] },
      'participants holds an id that is not valid',
    ],
    ['/client/createChannel', {}, 'title is required'],
    ['/client/subscribeToChannel', {}, 'channelId is required'],
    ['/client/subscribeToChannel', { channelId: '120363@g.us' }, 'channelId is not a channel'],
    [
      '/client/unsubscribeFromChannel',
      { channelId: '491711234567@s.whatsapp.net' },
      'channelId is not a channel',
    ],
    ['/client/getChannelByInviteCode', {}, 'inviteCode is required'],
    ['/contact/resolveQR', {}, 'code is required'],
  ])('%s refuses %j', async (path, body, sentence) => {
    const { status, json } = await wago.call(`${path}/main`, body)

    expect([status, json]).toEqual([400, failure(sentence)])
  })

  test.each([
    ['/client/getContacts/main?limit=x', 'limit is not a whole number'],
    ['/client/getContacts/main?offset=-1', 'offset is not a whole number'],
    ['/client/getChats/main?type=some', 'type is group or all'],
    ['/client/getChats/main?limit=1.5', 'limit is not a whole number'],
  ])('GET %s is refused', async (path, sentence) => {
    const { status, json } = await wago.get(path)

    expect([status, json]).toEqual([400, failure(sentence)])
  })
})

describe('WhatsApp refuses', () => {
  test.each([
    ['POST', '/client/getBlockedContacts', 'blocklist', {}],
    ['POST', '/client/getPrivacySettings', 'privacy', {}],
    ['POST', '/client/setStatus', 'status', { status: 'x' }],
    ['DELETE', '/client/deleteProfilePicture', 'w:profile:picture', undefined],
    ['POST', '/client/getInviteInfo', 'w:g2', { inviteCode: 'x' }],
    ['POST', '/client/createGroup', 'w:g2', { title: 'x' }],
    ['GET', '/client/getChats', 'w:g2', undefined],
    ['GET', '/client/getChannels', 'w:mex', undefined],
    ['POST', '/client/isRegisteredUser', 'usync', { number: '491711234567' }],
    ['POST', '/contact/getAbout', 'usync', { contactId: '491711234567' }],
    ['POST', '/contact/block', 'blocklist', { contactId: '491711234567' }],
    ['POST', '/contact/getQRLink', 'w:qr', {}],
    ['POST', '/contact/resolveQR', 'w:qr', { code: 'x' }],
  ])('%s %s, which says so', async (method, path, xmlns, body) => {
    const fault = { kind: 'refuse-query', xmlns, code: 403, text: 'forbidden', times: 1 }
    await wago.app.sandbox('POST', '/faults', fault)

    const { status, json } = await wago.request(method, `${path}/main`, { body })

    expect([status, json]).toEqual([500, failure('info query returned status 403: forbidden')])
  })
})
