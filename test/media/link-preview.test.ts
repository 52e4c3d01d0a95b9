import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openAgents } from '../../src/media/fetch/safe-fetch.ts'
import { firstLink, LinkPreviews } from '../../src/media/link-preview.ts'
import { summarise } from '../../src/media/page-summary.ts'

const agents = openAgents({ networks: 'any' })
const pages = new Map<string, (response: ServerResponse) => void>()
const asked: string[] = []
const languages: string[] = []
let site: string

const server = createServer((request, response) => {
  asked.push(request.url ?? '')
  languages.push(request.headers['accept-language'] ?? '')
  const page = pages.get(request.url ?? '')
  if (page) page(response)
  else response.writeHead(404).end()
})
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has a numeric address.
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  agents.close()
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  pages.clear()
  asked.length = 0
  languages.length = 0
})

function html(path: string, head: string, contentType = 'text/html; charset=utf-8'): void {
  pages.set(path, (response) =>
    response.setHeader('content-type', contentType).end(`<html><head>${head}</head><body>text</body></html>`),
  )
}

async function picture(path: string, [width, height]: [number, number] = [600, 300]): Promise<void> {
  const png = await sharp({ create: { width, height, channels: 4, background: '#ff000080' } })
    .png()
    .toBuffer()
  pages.set(path, (response) => response.setHeader('content-type', 'image/png').end(png))
}

describe('the first link of a text', () => {
  test.each([
    ['see https://example.com/a?b=c#d, then', 'https://example.com/a?b=c#d'],
    ['(https://example.com/).', 'https://example.com/'],
    ['"HTTP://EXAMPLE.com"!', 'HTTP://EXAMPLE.com'],
    ['http://one.example/ http://two.example/', 'http://one.example/'],
    ['[https://example.com/x]?!', 'https://example.com/x'],
    ['see https://example.com/Tea_(meal)', 'https://example.com/Tea_(meal)'],
    ['(see https://example.com/Tea_(meal)).', 'https://example.com/Tea_(meal)'],
    ['https://example.com/?a[b]={c}, and', 'https://example.com/?a[b]={c}'],
    ['(https://example.com/a_(b', 'https://example.com/a_(b'],
    ['https://example.com/😀(a)😀)', 'https://example.com/😀(a)😀'],
    ['http://[::1]!', 'http://[::1]'],
    ['https://example.com/a(', 'https://example.com/a'],
    ['example.com, ftp://example.com and mailto:me@example.com', undefined],
    ['https://', undefined],
    ['', undefined],
  ])('of %j is %j', (text, link) => {
    expect(firstLink(text)).toBe(link)
  })
})

describe('a page', () => {
  test.each([
    ['og over all else', '<title>t</title><meta property="og:title" content="og">', 'og', ''],
    ['its title', '<TITLE>\n Tom &amp;\n Jerry </TITLE>', 'Tom & Jerry', ''],
    ['a description', '<meta content="d" NAME="Description"><title>t</title>', 't', 'd'],
    ['og twice', '<meta property=og:description content=a><meta property=og:description content=b>', '', 'a'],
    ['og as a name', '<meta name="og:title" content="og">', 'og', ''],
    ['what is empty', '<meta property="og:title" content=" "><title>t</title>', 't', ''],
    ['what is never closed', '<title>tea <b>time', 'tea <b>time', ''],
  ])('is summarised by %s', async (_what, head, title, description) => {
    expect(await summarise(`<html><head>${head}`)).toMatchObject({ title, description })
  })

  test('names its pictures, the best first', async () => {
    const { images } = await summarise(`
      <link rel="shortcut icon" href="/favicon.ico"><link rel="apple-touch-icon" href="touch.png">
      <meta name="twitter:image" content="twitter.png"><meta property="og:image" content="og.png">`)

    expect(images).toEqual(['og.png', 'twitter.png', 'touch.png', '/favicon.ico'])
  })

  test.each([
    ['a script', '<script>write("</head><body>")</script>'],
    ['a style', '<style>a { content: "</head><body >" }</style>'],
    ['a comment', '<!-- </head> <body> -->'],
    ['an attribute', '<meta name="generator" content="</head><body>">'],
  ])('is read to the end of its head, whatever %s says', async (_what, part) => {
    const { title } = await summarise(`<html><head>${part}<title>Tea</title></head><body>text</body></html>`)

    expect(title).toBe('Tea')
  })

  test.each([
    ['a head that is closed', '<head></head><div><title>arrow</title></div>'],
    ['a head that nobody closed', '<head><body class="x"><title>arrow</title></body>'],
    ['no head', '<body><title>arrow</title></body>'],
  ])('says nothing about itself behind %s', async (_what, html) => {
    expect((await summarise(html)).title).toBe('')
  })

  test('says nothing about itself in its body', async () => {
    const { title } = await summarise('<head></head><body><svg><title>arrow</title></svg></body>')

    expect(title).toBe('')
  })
})

describe('a preview', () => {
  test('has title, description and a small JPEG of the picture', async () => {
    html('/', '<title>Tea</title><meta name="description" content="All about it"><link rel=icon href=i.png>')
    await picture('/i.png')

    const preview = await new LinkPreviews({ agents }).find(`see ${site}/.`)

    expect(preview).toMatchObject({ link: `${site}/`, title: 'Tea', description: 'All about it' })
    const { format, width, height } = await sharp(preview?.thumbnail).metadata()
    expect({ format, width, height }).toEqual({ format: 'jpeg', width: 192, height: 96 })
  })

  test.each([
    ['a large picture', [1600, 800], { width: 1024, height: 512 }],
    ['one that is just wide enough', [300, 300], { width: 300, height: 300 }],
    ['a small picture', [299, 299], undefined],
    ['a banner', [1000, 200], undefined],
  ] as const)('of a page with %s has a large one as fits', async (_what, size, large) => {
    html('/', '<title>Tea</title><meta property="og:image" content="/i.png">')
    await picture('/i.png', [...size])

    const preview = await new LinkPreviews({ agents }).find(`${site}/`)

    expect(preview?.thumbnail).toBeDefined()
    expect(preview?.large).toEqual(large && { ...large, bytes: expect.any(Buffer) })
  })

  test('is asked for in the languages of the server', async () => {
    html('/', '<title>Tee</title><link rel=icon href=i.png>')
    await picture('/i.png')

    await new LinkPreviews({ agents, languages: 'de-DE,de;q=0.9' }).find(`${site}/`)

    expect(languages).toEqual(['de-DE,de;q=0.9', 'de-DE,de;q=0.9'])
  })

  test('takes the next picture when the best cannot be read, and does without when none can', async () => {
    const images = '<meta property="og:image" content="/broken"><meta name="twitter:image" content="/t.png">'
    html('/both', `<title>Tea</title>${images}`)
    html('/none', '<title>Tea</title><meta property="og:image" content="/broken">')
    pages.set('/broken', (response) => response.end('not a picture'))
    await picture('/t.png')
    const previews = new LinkPreviews({ agents })

    const [both, none] = [await previews.find(`${site}/both`), await previews.find(`${site}/none`)]

    expect(both?.thumbnail).toBeDefined()
    expect(none).toEqual({ link: `${site}/none`, title: 'Tea', description: '', thumbnail: undefined })
  })

  test('follows redirects and reads pictures relative to where they lead', async () => {
    pages.set('/old', (response) => response.writeHead(302, { location: '/new/' }).end())
    html('/new/', '<title>New</title><link rel=icon href=i.png>')
    await picture('/new/i.png')

    const preview = await new LinkPreviews({ agents }).find(`${site}/old`)

    expect(preview).toMatchObject({ link: `${site}/old`, title: 'New', thumbnail: expect.any(Buffer) })
  })

  test.each([
    ['the header', 'text/html; charset=iso-8859-1', ''],
    ['the page', 'text/html', '<meta charset="iso-8859-1">'],
  ])('reads the encoding that %s names', async (_where, contentType, head) => {
    pages.set('/', (response) =>
      response
        .setHeader('content-type', contentType)
        .end(Buffer.from(`<head>${head}<title>Café</title></head>`, 'latin1')),
    )

    const preview = await new LinkPreviews({ agents }).find(`${site}/`)

    expect(preview?.title).toBe('Café')
  })

  test('is looked up once for many, also when there is none', async () => {
    html('/', '<title>Tea</title>')
    const previews = new LinkPreviews({ agents })

    await Promise.all([previews.find(`${site}/`), previews.find(`${site}/`), previews.find(`${site}/gone`)])
    await Promise.all([previews.find(`${site}/`), previews.find(`${site}/gone`)])

    expect(asked.toSorted()).toEqual(['/', '/gone'])
  })

  test('is as short as phones show it', async () => {
    html('/', `<title>${'t'.repeat(5000)}</title><meta name=description content=${'d'.repeat(5000)}>`)

    const preview = await new LinkPreviews({ agents }).find(`${site}/`)

    expect(preview?.title).toHaveLength(300)
    expect(preview?.description).toHaveLength(600)
  })
})

describe('there is no preview', () => {
  test.each([
    ['a page that says nothing', () => html('/', '')],
    ['something that is no page', () => html('/', '<title>Tea</title>', 'application/json')],
    ['a page that is not there', () => {}],
    ['a server that hangs up', () => pages.set('/', (response) => response.destroy())],
  ])('of %s', async (_what, prepare) => {
    prepare()

    expect(await new LinkPreviews({ agents }).find(`${site}/`)).toBeUndefined()
  })

  test('of a page in a private network, which is never asked for', async () => {
    html('/', '<title>secret</title>')

    expect(await new LinkPreviews().find(`${site}/`)).toBeUndefined()
    expect(asked).toEqual([])
  })

  test('of a text without a link', async () => {
    expect(await new LinkPreviews({ agents }).find('hello')).toBeUndefined()
  })
})
