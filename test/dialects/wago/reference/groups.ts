import { failure, success } from '../wago.ts'
import { done, type Example, group } from './example.ts'

/** The chapters on groups and on communities. */
export const groupsExamples: Example[] = [
  { request: 'GET /group/list', reply: success({ Groups: [group] }) },
  { request: 'POST /group/info', body: { GroupJID: '$group' }, reply: success(group) },
  {
    request: 'POST /group/invitelink',
    body: { GroupJID: '$group', Reset: false },
    reply: success({ InviteLink: 'https://chat.whatsapp.com/HffXhYmzzyJGec61oqMXiz' }),
  },
  {
    request: 'POST /group/photo',
    body: { GroupJID: '$group', Image: 'data:image/jpeg;base64,Akd9300...' },
    reply: success({ Details: 'Group Photo set successfully', PictureID: '122233212312' }),
    differs: {
      why: 'The picture is printed cut off and is not base64.',
      status: 400,
      reply: failure(400, 'could not decode base64 encoded data from payload'),
    },
  },
  // The picture is printed cut off; this one is whole.
  {
    request: 'POST /group/photo',
    body: { GroupJID: '$group', Image: '$image' },
    reply: success({ Details: 'Group Photo set successfully', PictureID: '122233212312' }),
  },
  {
    request: 'POST /group/name',
    body: { GroupJID: '$group', Name: 'My group name' },
    reply: done('Group Name set successfully'),
  },
  {
    request: 'POST /group/create',
    body: { GroupName: 'Family Group', Participants: ['22222', '33333'] },
    reply: success(group),
  },
  {
    request: 'POST /group/update',
    body: { GroupJID: '$group', ParticipantJID: ['9999999999', '9876543128'], Action: 'add' },
    reply: success({ 'Group Updated': { Tag: 'iq', Attrs: {}, Content: null } }),
  },
  { request: 'GET /group/myall', reply: success({ Groups: [group] }) },
  {
    request: 'POST /group/join',
    body: { Code: '123456xyz' },
    reply: success({ Details: 'Group joined', JID: '120363000000000000@g.us' }),
    differs: {
      why: 'No invitation has this code.',
      status: 500,
      reply: failure(500, 'info query returned status 406: not-acceptable'),
    },
  },
  // An invitation that exists.
  {
    request: 'POST /group/join',
    body: { Code: '$invitation' },
    reply: success({ Details: 'Group joined', JID: '120363000000000000@g.us' }),
  },
  { request: 'POST /group/leave', body: { GroupId: '$unloved' }, reply: done('Left group') },
  {
    request: 'POST /group/description',
    body: { GroupJID: '$group', Description: 'This is new group description' },
    reply: done('Group description updated'),
  },
  {
    request: 'POST /group/lock',
    body: { GroupJID: '$group', Lock: true },
    reply: done('Group lock updated'),
  },
  {
    request: 'POST /group/adminonly',
    body: { GroupJID: '$group', AdminOnly: true },
    reply: done('Group admin only updated'),
  },
  {
    request: 'POST /community/create',
    body: { CommunityName: 'My Community' },
    reply: success({
      JID: '120363111111111111@g.us',
      Name: 'My Community',
      OwnerJID: '987654321@s.whatsapp.net',
      Topic: '',
      IsLocked: false,
      IsAnnounce: false,
      IsEphemeral: false,
      DisappearingTimer: 0,
      GroupCreated: '2026-01-01T12:00:00Z',
      Participants: [{ JID: '987654321@s.whatsapp.net', IsAdmin: true, IsSuperAdmin: true }],
      IsParent: true,
    }),
  },
  {
    request: 'POST /community/add',
    body: { CommunityJID: '$community', GroupJID: ['$group', '$other'] },
    reply: done('Groups linked'),
  },
  {
    request: 'POST /community/remove',
    body: { CommunityJID: '$community', GroupJID: ['$group', '$other'] },
    reply: done('Groups unlinked'),
  },
]
