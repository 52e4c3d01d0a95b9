import { expect, test } from 'vitest'
import { buildIn, nodeOptionsOf } from './builds.ts'

test('a build is run with the options of its image, whether they are flags of its command or a variable', () => {
  const dockerfile = [
    'ENV NODE_ENV=production NODE_OPTIONS="--max-semi-space-size=32 --no-warnings" PORT=8080',
    'CMD ["node", "-e", "fetch()"]',
    'ENTRYPOINT ["node", "--enable-source-maps", "dist/src/main.js"]',
  ].join('\n')

  expect(nodeOptionsOf(dockerfile)).toEqual([
    '--max-semi-space-size=32',
    '--no-warnings',
    '--enable-source-maps',
  ])
  expect(nodeOptionsOf('CMD ["node", "dist/src/main.js"]')).toEqual([])
})

test('the image of today says how it is run', () => {
  expect(buildIn('.', 'this').nodeOptions).toContain('--enable-source-maps')
})
