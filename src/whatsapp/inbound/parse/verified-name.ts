import type { VerifiedName } from '../../../events/event-parts.ts'
import { type BinaryNode, proto } from '../../library/engine.ts'
import { bytesOf, child, numberAttr } from '../../wire/node.ts'
import { protoJson } from '../../wire/proto-json.ts'

/** The `<verified_name>` inside a message or the `<business>` part of a look-up; null when there is none. */
export function readVerifiedName(node: BinaryNode | undefined): VerifiedName | null {
  const element = child(node, 'verified_name')
  const bytes = bytesOf(element)
  if (!element || !bytes) return null
  const privacy = child(node, 'biz') ?? element
  try {
    const certificate = proto.VerifiedNameCertificate.decode(bytes)
    const details = proto.VerifiedNameCertificate.Details.decode(certificate.details ?? new Uint8Array())
    return {
      certificate: protoJson(proto.VerifiedNameCertificate, certificate),
      details: protoJson(proto.VerifiedNameCertificate.Details, details),
      level: element.attrs.verified_level ?? node?.attrs.verified_level ?? '',
      version: numberAttr(element, 'v'),
      hostStorage: numberAttr(privacy, 'host_storage'),
      actualActors: numberAttr(privacy, 'actual_actors'),
      privacyModeAt: numberAttr(privacy, 'privacy_mode_ts'),
    }
  } catch {
    // A certificate nobody can read says nothing about whom it came with.
    return null
  }
}
