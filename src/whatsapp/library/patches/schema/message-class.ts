import protobuf from 'protobufjs/minimal.js'
import { type Fields, fromPlain, type MessageClass, readFields, toPlain, writeFields } from './field-codec.ts'

/** A class like the generated ones, for a kind of message that the library's schema does not have. */
export function messageClass(fields: Fields): MessageClass {
  return class Message {
    constructor(properties?: object) {
      if (properties) Object.assign(this, properties)
    }

    static create(properties?: object): object {
      return new Message(properties)
    }

    static encode(message: object, writer = protobuf.Writer.create()): protobuf.Writer {
      writeFields(fields, message, writer)
      return writer
    }

    static decode(source: protobuf.Reader | Uint8Array, length?: number): object {
      const reader = readerOf(source)
      const message = new Message()
      readFields(fields, message, reader, endOf(reader, length))
      return message
    }

    static fromObject(object: object): object {
      if (object instanceof Message) return object
      const message = new Message()
      fromPlain(fields, object, message)
      return message
    }

    static toObject(message: object, options?: protobuf.IConversionOptions): Record<string, unknown> {
      const object = {}
      toPlain(fields, message, object, options)
      return object
    }

    toJSON(): object {
      return Message.toObject(this, protobuf.util.toJSONOptions)
    }
  }
}

/**
 * Teaches a generated class fields that are missing in the library's schema. Whoever holds the class, the library's own
 * code included, reads and writes them from now on. A field that the schema has under another number is written under the
 * given one, and read under both.
 */
export function addFields(type: MessageClass, fields: Fields): void {
  const { encode, decode, fromObject, toObject } = type
  // The generated classes have their defaults there.
  const { prototype } = type
  const names = Object.keys(fields)
  for (const name of names) if (!(name in prototype)) Object.assign(prototype, { [name]: null })
  Object.assign(type, {
    encode(message: object, writer = protobuf.Writer.create()) {
      // As nearly every message has none of them.
      if (!names.some((name) => Object.hasOwn(message, name))) return encode(message, writer)
      encode(without(message, names), writer)
      writeFields(fields, message, writer)
      return writer
    },
    decode(source: protobuf.Reader | Uint8Array, length?: number, end?: number) {
      const reader = readerOf(source)
      const start = reader.pos
      const message = decode(reader, length, end)
      const after = reader.pos
      // Inside a group, which this schema does not have, `end` is a tag and not a place.
      if (end === undefined) {
        reader.pos = start
        readFields(fields, message, reader, after)
      }
      return message
    },
    fromObject(object: object) {
      if (object instanceof type) return object
      const message = fromObject(object)
      fromPlain(fields, object, message)
      return message
    },
    toObject(message: object, options?: protobuf.IConversionOptions) {
      const object = toObject(message, options)
      toPlain(fields, message, object, options)
      return object
    },
  })
}

function without(message: object, names: string[]): object {
  return Object.fromEntries(Object.entries(message).filter(([name]) => !names.includes(name)))
}

function readerOf(source: protobuf.Reader | Uint8Array): protobuf.Reader {
  return source instanceof protobuf.Reader ? source : protobuf.Reader.create(source)
}

function endOf(reader: protobuf.Reader, length: number | undefined): number {
  return length === undefined ? reader.len : reader.pos + length
}
