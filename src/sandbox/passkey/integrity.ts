import { randomBytes } from 'node:crypto'
import { tellDevicesByMex } from '../iq/mex-call.ts'
import type { LinkedDevice } from '../peer/linked-device.ts'
import type { Network } from '../world/network.ts'

/** The challenges WhatsApp Web knows (its modules of 2026), in the members it reads. */
const CHALLENGES = {
  PASSKEY: () => ({
    passkey_challenge: { challenge_base64: randomBytes(32).toString('base64url') },
    captcha_challenge: null,
  }),
  CAPTCHA: () => ({
    passkey_challenge: null,
    captcha_challenge: {
      site_key: randomBytes(20).toString('hex'),
      challenge_url: 'https://www.whatsapp.com/checkpoint/captcha',
    },
  }),
}

/** Demands of linked companions that their owner proves to be a person. What follows without an answer is not known. */
export function challengeIntegrity(
  network: Network,
  devices: LinkedDevice[],
  type: keyof typeof CHALLENGES,
): void {
  const challenge = { challenge_type: type, ...CHALLENGES[type]() }
  tellDevicesByMex(network, devices, 'NotificationIntegrityChallengeRequest', {
    xwa2_notify_integrity_challenge: challenge,
  })
}
