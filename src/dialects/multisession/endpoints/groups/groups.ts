import { z } from 'zod'
import type { GroupDetails } from '../../../../events/event-parts.ts'
import { type Endpoint, get, patch, post, reply } from '../../../../http/endpoint/endpoint.ts'
import { bool, file, formNeeded, optional, text } from '../../../../http/endpoint/fields.ts'
import { ApiError } from '../../../../lib/errors.ts'
import type { FileInput } from '../../../../lib/file-input.ts'
import { limits } from '../../../../lib/limits.ts'
import { setGroupPicture } from '../../../../operations/account/profile.ts'
import {
  groupInfo,
  inviteLink,
  joinedGroups,
  leaveGroup,
  type MemberAddMode,
  renameGroup,
  setGroupTopic,
  setJoinApproval,
  setMemberAddMode,
} from '../../../../operations/groups/groups.ts'
import {
  type CreatedGroup,
  changeGroupSettings,
  createDescribedGroup,
} from '../../../../operations/groups/participants.ts'
import { groupShape } from '../../../shared/whatsmeow/group-shape.ts'
import { answer, done } from '../../envelope.ts'
import { group, members } from '../../shapes/addresses.ts'
import { asked } from '../../shapes/asked.ts'
import { required } from '../../shapes/fields.ts'
import {
  createdGroupFields,
  createdGroupShape,
  listedGroupFields,
  listedGroupShape,
  wholeGroup,
} from '../../shapes/group-shapes.ts'
import { base64Of, pictureFailures, uploadOf } from '../../shapes/pictures.ts'
import { flag } from '../../shapes/query-values.ts'

const NO_PHOTO = 'photo is required'
const UNKNOWN_GROUP = 'that group does not exist'
const OUTSIDE = "you're not participating in that group"
const lookUp = { 404: UNKNOWN_GROUP, 403: OUTSIDE }

const named = z.object({ group_jid: group })

/** Nothing is kept of earlier answers, so both have nothing to change. */
const listing = z.object({
  resolve_phone: flag().describe('Numbers are always told'),
  force_refresh: flag().describe('The list is always fresh'),
})

/** The document's names of who may add members -> WhatsApp's. */
const ADD_MODES = new Map<string, MemberAddMode>([
  ['all_members', 'all_member_add'],
  ['admin_only', 'admin_add'],
])

function addMode(given: string): MemberAddMode {
  const mode = ADD_MODES.get(given)
  if (mode === undefined) throw new ApiError('invalid_field', { text: 'invalid member add mode' })
  return mode
}

function photoOf(given: FileInput | undefined) {
  const upload = uploadOf(given)
  if (upload === undefined) throw new ApiError('missing_field', { text: NO_PHOTO })
  return upload
}

const settings = z.object({
  announce: optional(bool()).describe('Only admins may write'),
  locked: optional(bool()).describe('Only admins may change the details'),
  member_add_mode: text(limits.name).meta({ enum: ['all_members', 'admin_only'] }),
  MemberAddMode: text(limits.name),
  join_approval: optional(bool()).describe('Admins decide who may join by link'),
  JoinApproval: optional(bool()),
})

function settingsOf(body: z.infer<typeof settings>) {
  const mode = body.member_add_mode || body.MemberAddMode
  return {
    announce: body.announce,
    locked: body.locked,
    memberAddMode: mode === '' ? undefined : addMode(mode),
    joinApproval: body.join_approval ?? body.JoinApproval,
  }
}

export const groupEndpoints: Endpoint[] = [
  get('/groups', {
    summary: 'List the groups the account is in',
    needs: 'stored',
    query: listing,
    run: asked(joinedGroups),
    reply: reply(
      z.object({ message: z.string(), data: z.array(listedGroupShape) }),
      (groups: GroupDetails[]) => ({
        message: `Success get ${groups.length} groups with members`,
        data: groups.map(listedGroupFields),
      }),
    ),
  }),

  post('/groups', {
    summary: 'Create a group; members that could not be added carry an `Error`',
    needs: 'stored',
    body: z.object({
      name: required('name', limits.groupSubject),
      participants: members(),
      description: text(limits.groupDescription),
      photo: file().describe('Base64'),
    }),
    run: asked(createDescribedGroup),
    input: ({ body }) => ({
      name: body.name,
      participants: body.participants,
      description: body.description,
      picture: base64Of(body.photo),
    }),
    reply: answer('Success create group', createdGroupShape, (created: CreatedGroup) =>
      createdGroupFields(created),
    ),
    failure: pictureFailures,
  }),

  get('/groups/{group_jid}', {
    summary: 'Describe a group',
    needs: 'stored',
    params: named,
    run: asked(groupInfo, lookUp),
    input: ({ params }) => params.group_jid,
    reply: answer('Success get group info', groupShape, (found: GroupDetails) => wholeGroup(found)),
  }),

  post('/groups/{group_jid}/leave', {
    summary: 'Leave a group',
    needs: 'stored',
    params: named,
    run: asked(leaveGroup, lookUp),
    input: ({ params }) => params.group_jid,
    reply: done('Success leave group'),
  }),

  patch('/groups/{group_jid}/name', {
    summary: 'Rename a group',
    needs: 'stored',
    params: named,
    body: z.object({ name: required('name', limits.groupSubject) }),
    run: asked(renameGroup),
    input: ({ params, body }) => ({ group: params.group_jid, name: body.name }),
    reply: done('Success update group name'),
  }),

  patch('/groups/{group_jid}/description', {
    summary: 'Describe a group anew; an empty text takes the description away',
    needs: 'stored',
    params: named,
    body: z.object({ description: text(limits.groupDescription) }),
    run: asked(setGroupTopic),
    input: ({ params, body }) => ({ group: params.group_jid, topic: body.description }),
    reply: done('Success update group description'),
  }),

  patch('/groups/{group_jid}/topic', {
    summary: 'The same; the ids of the descriptions are found without the caller',
    needs: 'stored',
    params: named,
    body: z.object({
      topic: text(limits.groupDescription),
      previous_id: text(limits.messageId).describe('Not needed'),
      new_id: text(limits.messageId).describe('Not needed'),
    }),
    run: asked(setGroupTopic, lookUp),
    input: ({ params, body }) => ({ group: params.group_jid, topic: body.topic }),
    reply: done('Success set group topic'),
  }),

  post('/groups/{group_jid}/photo', {
    summary: 'Give a group a photo',
    needs: 'stored',
    undecodable: NO_PHOTO,
    params: named,
    body: z.object({ photo: file().meta(formNeeded) }),
    run: asked(setGroupPicture),
    input: ({ params, body }) => ({ group: params.group_jid, picture: photoOf(body.photo) }),
    reply: answer(
      'Success update group photo',
      z.object({ photo_url: z.string().describe('The id of the photo') }),
      (id: string) => ({ photo_url: id }),
    ),
    failure: pictureFailures,
  }),

  get('/groups/{group_jid}/invite-link', {
    summary: 'Get the link that invites to a group, or a new one in its place',
    needs: 'stored',
    params: named,
    query: z.object({ reset: flag().describe('true makes a new link; the old one stops working') }),
    power: 'full',
    run: asked(inviteLink, lookUp),
    input: ({ params, query }) => ({ group: params.group_jid, renew: query.reset }),
    reply: answer('Success get invite link', z.object({ link: z.string() }), (link: string) => ({ link })),
  }),

  patch('/groups/{group_jid}/settings', {
    summary: 'Change settings of a group; what is left out stays',
    needs: 'stored',
    params: named,
    body: settings,
    run: asked(changeGroupSettings),
    input: ({ params, body }) => ({ group: params.group_jid, ...settingsOf(body) }),
    reply: done('Success update group settings'),
  }),

  post('/groups/{group_jid}/join-approval', {
    summary: 'Let admins decide who may join by link, or everybody join',
    needs: 'stored',
    params: named,
    body: z.object({ mode: bool() }),
    run: asked(setJoinApproval),
    input: ({ params, body }) => ({ group: params.group_jid, on: body.mode }),
    reply: done('Success set join approval mode'),
  }),

  patch('/groups/{group_jid}/member-add-mode', {
    summary: 'Say who may add members',
    needs: 'stored',
    params: named,
    body: z.object({ mode: text(limits.name).meta({ enum: ['all_members', 'admin_only'] }) }),
    run: asked(setMemberAddMode),
    input: ({ params, body }) => ({ group: params.group_jid, mode: addMode(body.mode) }),
    reply: done('Success set member add mode'),
  }),
]
