import { randomBytes } from 'node:crypto'
import { type BinaryNode, proto } from '../whatsapp/engine.ts'
import type { Business } from './account.ts'
import { node } from './node.ts'

/** `<verified_name>` with the certificate of a business's name. Its signature is made up: clients only read the name. */
export function verifiedName(business: Business): BinaryNode {
  const details = proto.VerifiedNameCertificate.Details.encode({
    serial: 1,
    issuer: 'smb:wa',
    verifiedName: business.name,
  }).finish()
  const certificate = proto.VerifiedNameCertificate.encode({ details, signature: randomBytes(64) }).finish()
  return node('verified_name', { v: 1, serial: 1, verified_level: 'low' }, certificate)
}

/** `<profile>` of a business account as `w:biz` shows it. */
export function businessProfile(jid: string, business: Business): BinaryNode {
  const texts = {
    address: business.address,
    description: business.description,
    email: business.email,
    website: business.website,
  }
  const parts: BinaryNode[] = []
  for (const [tag, content] of Object.entries(texts)) {
    if (content) parts.push(node(tag, {}, Buffer.from(content)))
  }
  if (business.category) {
    parts.push(node('categories', {}, [node('category', { id: 1 }, Buffer.from(business.category))]))
  }
  return node('profile', { jid, tag: '1' }, parts)
}
