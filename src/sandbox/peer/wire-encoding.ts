type Value = number | Uint8Array | Uint8Array[]

/**
 * Encodes a protobuf message that the library has no type for, by field numbers: numbers as varints, bytes (texts and
 * inner messages too) with their length, a list as a repeated field.
 */
export function encodeMessage(fields: Record<number, Value>): Buffer {
  const parts = Object.entries(fields).flatMap(([field, value]) => {
    const values = Array.isArray(value) ? value : [value]
    return values.map((one) => encodeField(Number(field), one))
  })
  return Buffer.concat(parts)
}

function encodeField(field: number, value: number | Uint8Array): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(field << 3), varint(value)])
  return Buffer.concat([varint((field << 3) | 2), varint(value.length), value])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return Buffer.from([...bytes, rest])
}
