import { failure } from '../wago.ts'
import type { Example } from './example.ts'

const noVoice = {
  why: 'Voice calls are experimental, and off unless the operator switches them on.',
  status: 501,
  reply: failure(
    501,
    'voice calls are experimental and off: set CALLS=on to switch them on. Without it calls are told and can be rejected',
  ),
}

/** The chapter on calls. */
export const callsExamples: Example[] = [
  {
    request: 'POST /call/make',
    body: { CallTo: 'string', AudioFile: 'string' },
    reply: {
      details: 'call started',
      call: { callID: 'CALL_ID', state: 'active', direction: 'outgoing', peer: '987654321@s.whatsapp.net' },
    },
    differs: { why: 'Nobody is called so.', status: 400, reply: failure(400, 'could not parse CallTo') },
  },
  {
    request: 'POST /call/answer',
    body: { CallID: 'string' },
    reply: {
      details: 'call answered',
      call: { callID: 'CALL_ID', state: 'active', direction: 'outgoing', peer: '987654321@s.whatsapp.net' },
    },
    differs: noVoice,
  },
  {
    request: 'POST /call/reject',
    body: { CallID: 'string' },
    reply: { details: 'call rejected' },
    differs: { why: 'No call has this id.', status: 404, reply: failure(404, 'call not found') },
  },
  {
    request: 'POST /call/hangup',
    body: { CallID: 'string' },
    reply: { details: 'call ended' },
    differs: noVoice,
  },
  {
    request: 'POST /call/play',
    body: { CallID: 'string', AudioFile: 'string' },
    reply: {
      details: 'playing',
      call: { callID: 'CALL_ID', state: 'active', direction: 'outgoing', peer: '987654321@s.whatsapp.net' },
    },
    differs: noVoice,
  },
  {
    request: 'POST /call/play/pause',
    body: { CallID: 'string' },
    reply: { details: 'paused' },
    differs: noVoice,
  },
  {
    request: 'POST /call/play/resume',
    body: { CallID: 'string' },
    reply: { details: 'resumed' },
    differs: noVoice,
  },
  {
    request: 'POST /call/play/stop',
    body: { CallID: 'string' },
    reply: { details: 'stopped' },
    differs: noVoice,
  },
  {
    request: 'POST /call/record',
    body: { CallID: 'string', Path: 'string' },
    reply: {
      details: 'recording',
      call: { callID: 'CALL_ID', state: 'active', direction: 'outgoing', peer: '987654321@s.whatsapp.net' },
    },
    differs: noVoice,
  },
  {
    request: 'POST /call/record/stop',
    body: { CallID: 'string' },
    reply: { details: 'recording stopped' },
    differs: noVoice,
  },
  {
    request: 'GET /call/status',
    reply: {
      calls: [
        { callID: 'CALL_ID', state: 'active', direction: 'outgoing', peer: '987654321@s.whatsapp.net' },
      ],
    },
  },
  {
    request: 'GET /call/webrtc/config',
    reply: {
      iceServers: [{ urls: ['stun:stun.l.google.com:19302'] }],
      turn: { enabled: false, status: 'coming_soon' },
    },
    differs: noVoice,
  },
  {
    request: 'POST /call/webrtc/offer',
    body: { callID: 'string', sdp: 'string', type: 'offer' },
    reply: {
      callID: 'CALL_ID',
      type: 'answer',
      sdp: 'v=0…',
      turn: { enabled: false, status: 'coming_soon' },
    },
    differs: noVoice,
  },
  {
    request: 'POST /call/webrtc/close',
    body: { callID: 'string' },
    reply: { details: 'closed' },
    differs: noVoice,
  },
]
