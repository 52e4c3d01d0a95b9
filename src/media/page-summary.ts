/** What a page says about itself. */
export interface PageSummary {
  title: string
  description: string
  /** Addresses of pictures that stand for the page, the best first, relative to the page. */
  images: string[]
}

/** The names under which pages tell the same thing, the best first. */
const TITLES = ['og:title', 'title']
const DESCRIPTIONS = ['og:description', 'description']
const IMAGES = ['og:image', 'og:image:secure_url', 'twitter:image', 'apple-touch-icon', 'icon']

/** Reads the head of an HTML page; members are '' and empty where it says nothing. */
export async function summarise(html: string): Promise<PageSummary> {
  const found = await statementsIn(html)
  const first = (names: string[]) => names.map((name) => found.get(name)).find((value) => value) ?? ''
  return {
    title: first(TITLES),
    description: first(DESCRIPTIONS),
    images: IMAGES.flatMap((name) => found.get(name) ?? []),
  }
}

/**
 * Everything a page says about itself stands before its body, which may be megabytes long and is not looked at. Where that
 * is, only the parser knows: scripts, styles, comments and attributes may hold the text `</head>`. Of a statement that is
 * repeated the first one counts.
 */
async function statementsIn(html: string): Promise<Map<string, string>> {
  const { Parser } = await import('htmlparser2')
  const found = new Map<string, string>()
  const note = (name: string | undefined, value: string | undefined) => {
    const key = name?.trim().toLowerCase() ?? ''
    const text = value?.replace(/\s+/g, ' ').trim() ?? ''
    if (text !== '' && !found.has(key)) found.set(key, text)
  }

  let title: string | undefined
  const parser = new Parser({
    onopentag(tag, { property, name, content, rel, href }) {
      if (tag === 'body') parser.pause()
      if (tag === 'meta') note(property ?? name, content)
      if (tag === 'link') for (const relation of (rel ?? '').split(/\s+/)) note(relation, href)
      if (tag === 'title') title = ''
    },
    ontext(text) {
      if (title !== undefined) title += text
    },
    onclosetag(tag) {
      if (tag === 'title') note('title', title)
      if (tag === 'title') title = undefined
      if (tag === 'head') parser.pause()
    },
  })
  parser.end(html)
  return found
}
