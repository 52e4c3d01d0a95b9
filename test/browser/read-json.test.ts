import { expect, test } from 'vitest'
import { loadPageModule } from './static-sources.ts'

interface Node {
  kind: string
  text?: string
  entries?: [string, Node][]
  isCut: boolean
}

const { readJson } = await loadPageModule<{ readJson: (text: string) => Node | undefined }>(
  'dashboard/json/read-json.js',
)

/** A node as it was written, with a mark where it was cut off. */
function written(node: Node | undefined): string {
  if (!node) return 'no JSON'
  const cut = node.isCut ? '…' : ''
  const entries = node.entries ?? []
  if (node.kind === 'array') return `[${entries.map(([, one]) => written(one)).join()}${cut}]`
  if (node.kind === 'object')
    return `{${entries.map(([name, one]) => `${name}:${written(one)}`).join()}${cut}}`
  return node.kind === 'string' ? `'${node.text}${cut}'` : `${node.text}`
}

test.each([
  ['{"a":1,"b":[true,null,"x\\"y"],"c":{}}', `{a:1,b:[true,null,'x"y'],c:{}}`],
  ['{"id":12345678901234567890}', '{id:12345678901234567890}'],
  ['{"a":"cut off he', "{a:'cut off he…'…}"],
  ['{"a":"escape \\u00', "{a:'escape …'…}"],
  ['{"a":"ends\\\\', "{a:'ends\\…'…}"],
  ['{"a":1,"b":', '{a:1…}'],
  ['[1,2', '[1,2…]'],
  ['{"a" 1}', 'no JSON'],
  ['{"a":1} and more', 'no JSON'],
  ['Not Found', 'no JSON'],
  ['['.repeat(100_000), 'no JSON'],
  ['', 'no JSON'],
])('JSON is read as far as it goes, case %#', (text, expected) => {
  expect(written(readJson(text))).toBe(expected)
})
