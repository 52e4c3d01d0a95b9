import { randomBytes } from 'node:crypto'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import { readPrologue } from '../passkey/stanzas.ts'
import { children, node, SERVICE } from '../world/node.ts'

/** What the service keeps for a companion that nobody has scanned yet. */
export interface PasskeyLinking {
  /** The WebAuthn request, as JSON; its challenge stays the same until the service asks anew. */
  options: string
  /** What the companion has been given to put into its prologue. */
  ref?: string
}

/**
 * Answers a query of a companion that nobody has scanned; undefined for one the service is not known to answer. A prologue
 * is taken when its form is right; no phone goes on from there.
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
      return passkey.ref !== undefined && readPrologue(what) ? answer(request, []) : badRequest(request)
    case 'md set companion_nonce':
    case 'md set encrypted_pairing_request':
      // No phone has shown its key.
      return badRequest(request)
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
  return refusal(request, 400, 'bad-request')
}

/** An error with that code. */
export function refusal(request: BinaryNode, code: number, text: string): BinaryNode {
  return node('iq', { from: SERVICE, type: 'error', id: request.attrs.id }, [node('error', { code, text })])
}
