import { z } from 'zod'
import { type BinaryNode, proto } from '../../whatsapp/library/engine.ts'
import type { Account } from '../world/account.ts'

/** Finds the account that saved state refers to. @throws Error when it is not in there. */
export type FindAccount = (reference: string) => Account

/** What accounts are called in saved state. */
export function references(accounts: Iterable<Account>): string[] {
  return [...accounts].map(({ reference }) => reference)
}

/** What is known by account, under what the account is called. */
export function byReference<Value>(map: Map<Account, Value>): Record<string, Value> {
  return Object.fromEntries([...map].map(([{ reference }, value]) => [reference, value]))
}

/** Deeper than anything that is saved; whatever is deeper was made to exhaust the stack. */
const MAX_DEPTH = 100
const KEY_BYTES = 32

export const savedBytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'these are no bytes')
export const savedKey = savedBytes.refine(({ length }) => length === KEY_BYTES, 'a key has 32 bytes')
export const savedKeyPair = z.object({ public: savedKey, private: savedKey })
/** Public half of a one-time or signed key. */
export const savedPreKey = z.object({ id: z.int().nonnegative(), publicKey: savedKey })
/** A profile picture. */
export const savedPicture = z.object({ id: z.string(), jpeg: savedBytes })

export const savedNode: z.ZodType<BinaryNode> = z.object({
  tag: z.string(),
  attrs: z.record(z.string(), z.string()),
  get content() {
    return z.union([z.array(savedNode), savedBytes, z.string()]).optional()
  },
})

/** A decrypted message, encoded. */
export function messageToJson(message: proto.IMessage): Uint8Array {
  return proto.Message.encode(proto.Message.fromObject(message)).finish()
}

export function messageFromJson(encoded: Uint8Array): proto.IMessage {
  return { ...proto.Message.decode(encoded) }
}

/** The same as plain JSON: bytes are `{"type": "Buffer", "data": base64}`, what is undefined is left out. */
export function toPlain(value: object): object
export function toPlain(value: unknown): unknown
export function toPlain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { type: 'Buffer', data: Buffer.from(value).toString('base64') }
  if (Array.isArray(value)) return value.map((member) => toPlain(member))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([name, member]) => [name, toPlain(member)]))
}

/** The reverse of `toPlain`. @throws Error when it is nested too deep. */
export function fromPlain(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw new Error('it is nested too deep')
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((member) => fromPlain(member, depth + 1))
  if ('type' in value && value.type === 'Buffer' && 'data' in value && typeof value.data === 'string')
    return Buffer.from(value.data, 'base64')
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, fromPlain(member, depth + 1)]),
  )
}
