/** Writes a JSON value as YAML 1.2: indented maps and lists, scalars as JSON writes them. */
export function toYaml(value: unknown): string {
  return `${block(value, '').replace(/^\n/, '')}\n`
}

function block(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []'
    return value.map((entry) => `\n${indent}-${nested(entry, `${indent}  `)}`).join('')
  }
  if (typeof value !== 'object' || value === null) return ` ${JSON.stringify(value)}`
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  if (members.length === 0) return ' {}'
  return members.map(([name, member]) => `\n${indent}${key(name)}:${block(member, `${indent}  `)}`).join('')
}

/** A member of a list: its first line follows the hyphen. */
function nested(entry: unknown, indent: string): string {
  return block(entry, indent).replace(/^\n */, ' ')
}

/** Names that could be read as something else are quoted. */
function key(name: string): string {
  return /^[A-Za-z_][\w-]*$/.test(name) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(name)
    ? name
    : JSON.stringify(name)
}
