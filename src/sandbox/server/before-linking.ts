import { randomBytes } from 'node:crypto'
import { type BinaryNode, proto } from '../../whatsapp/library/engine.ts'
import { bytes, child, children, node, SERVICE, text } from '../world/node.ts'

/** What the service keeps of a passkey linking while the companion is not linked. */
export interface PasskeyLinking {
  /** The WebAuthn request, as JSON; its challenge stays the same until the service asks anew. */
  options: string
  /** What the companion has been given to put into its prologue. */
  ref?: string
}

/** The options of a real request, with a challenge of its own. */
export function newPasskeyOptions(): string {
  return JSON.stringify({
    challenge: randomBytes(32).toString('base64url'),
    timeout: 600_000,
    rpId: 'whatsapp.com',
    allowCredentials: [],
    userVerification: 'required',
    extensions: { uvm: true },
  })
}

/**
 * Answers a query of a companion that is not linked; undefined for one the service is not known to answer. A prologue is
 * taken when its form is right: whether the assertion is, the companion learns from what the phone does then.
 */
export function answerBeforeLinking(passkey: PasskeyLinking, request: BinaryNode): BinaryNode | undefined {
  const [what] = children(request)
  switch (`${request.attrs.xmlns} ${request.attrs.type} ${what?.tag ?? ''}`) {
    case 'w:p get ping':
    case 'w:p get ':
      return answer(request, [])
    case 'md get ref':
      passkey.ref = `2@${randomBytes(32).toString('base64url')}`
      return answer(request, [node('ref', {}, Buffer.from(passkey.ref))])
    case 'md get passkey_request_options':
      return answer(request, [node('passkey_request_options', {}, Buffer.from(passkey.options))])
    case 'md set passkey_prologue':
      return passkey.ref !== undefined && isPrologue(what) ? answer(request, []) : badRequest(request)
    default:
      return undefined
  }
}

/** The plain "ok", with what was asked for. */
export function answer(request: BinaryNode, content: BinaryNode[]): BinaryNode {
  return node('iq', { from: SERVICE, type: 'result', id: request.attrs.id }, content)
}

/** The refusal of what cannot be made out. */
export function badRequest(request: BinaryNode): BinaryNode {
  return node('iq', { from: SERVICE, type: 'error', id: request.attrs.id }, [
    node('error', { code: 400, text: 'bad-request' }),
  ])
}

function isPrologue(prologue: BinaryNode | undefined): boolean {
  const payload = bytes(child(prologue, 'prologue_payload'))
  if (!payload || !child(prologue, 'credential_id')) return false
  try {
    JSON.parse(text(child(prologue, 'webauthn_assertion')) ?? '')
    const { companionEphemeralIdentity, commitment } = proto.ProloguePayload.decode(payload)
    return Boolean(companionEphemeralIdentity?.length) && commitment?.hash?.length === 32
  } catch {
    // Neither JSON nor protobuf: no prologue.
    return false
  }
}
