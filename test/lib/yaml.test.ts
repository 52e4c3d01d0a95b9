import { expect, test } from 'vitest'
import { toYaml } from '../../src/lib/text/yaml.ts'

test('maps, lists and scalars are written as YAML', () => {
  const value = {
    openapi: '3.1.0',
    paths: { '/a/{b}': { get: { tags: ['x'], deprecated: false, count: 3, none: null } } },
    list: [{ name: 'a', in: 'path' }, 'text: "quoted"\nline', [1, [2]], []],
    empty: {},
    no: undefined,
    yes: 'yes',
  }

  expect(toYaml(value)).toBe(`openapi: "3.1.0"
paths:
  "/a/{b}":
    get:
      tags:
        - "x"
      deprecated: false
      count: 3
      none: null
list:
  - name: "a"
    in: "path"
  - "text: \\"quoted\\"\\nline"
  - - 1
    - - 2
  - []
empty: {}
"yes": "yes"
`)
})
