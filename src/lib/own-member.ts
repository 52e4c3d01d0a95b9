/**
 * What a table holds under a name that comes from outside; undefined when it holds nothing. A plain look-up also finds
 * what every object inherits: `constructor`, `valueOf` and their like.
 */
export function ownMember<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}
