import { LRUCache } from 'lru-cache'
import { createLimiter } from '../lib/flow/limiter.ts'
import { type LinkPictures, linkPictures } from './convert/link-pictures.ts'
import { type Agents, type Fetched, safeFetch } from './fetch/safe-fetch.ts'
import { type PageSummary, summarise } from './page-summary.ts'

/** What a link leads to. */
export interface LinkPreview extends Partial<LinkPictures> {
  /** The link as it stands in the text. */
  link: string
  title: string
  description: string
}

const PAGE_TIMEOUT_MS = 5_000
const TOTAL_TIMEOUT_MS = 8_000
const PAGE_BYTES = 2 * 1024 * 1024
const IMAGE_BYTES = 10 * 1024 * 1024
const KEPT_MS = 5 * 60_000
const KEPT_PAGES = 500
/** Of pictures; a text without one counts a little, too. */
const KEPT_BYTES = 32 * 1024 * 1024
const TEXT_BYTES = 2 * 1024
const PLACES = 20
// Phones show a few lines; a page could say megabytes, which would be encrypted for every device of a group.
const TITLE_LENGTH = 300
const DESCRIPTION_LENGTH = 600
// Many sites describe themselves only to programs they know.
const USER_AGENT = 'WhatsApp/2.24.20.79 A'

/**
 * The first http(s) link in a text, without the punctuation that ends a sentence; undefined when there is none. A closing
 * bracket belongs to the link when the opening one does: `https://en.wikipedia.org/wiki/Tea_(meal)`.
 */
export function firstLink(text: string): string | undefined {
  const [link] = /https?:\/\/[^\s<>]+/i.exec(text) ?? []
  const trimmed = link && withoutEnding(link)
  return trimmed !== undefined && URL.canParse(trimmed) ? trimmed : undefined
}

const OPENING_OF = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
])
const ENDING = new Set('.,!?([{"\'`’”»')

function withoutEnding(link: string): string {
  const unopened = unopenedBrackets(link)
  let end = link.length
  while (end > 0 && (ENDING.has(link.charAt(end - 1)) || unopened.has(end - 1))) end--
  return link.slice(0, end)
}

/** Where closing brackets stand that close nothing. In one go: a text may be thousands of them. */
function unopenedBrackets(text: string): Set<number> {
  const unopened = new Set<number>()
  const open = new Map<string, number>()
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    const opening = OPENING_OF.get(character)
    const kind = opening ?? character
    const count = open.get(kind) ?? 0
    if (opening === undefined) open.set(kind, count + 1)
    else if (count === 0) unopened.add(at)
    else open.set(kind, count - 1)
  }
  return unopened
}

/** Looks up what links lead to; pages are asked once in five minutes and never more than 20 at a time. */
export class LinkPreviews {
  readonly #agents: Agents | undefined
  readonly #languages: string
  readonly #places = createLimiter(PLACES)
  readonly #pages = new LRUCache<string, Promise<LinkPreview | undefined>>({
    max: KEPT_PAGES,
    maxSize: KEPT_BYTES,
    ttl: KEPT_MS,
  })

  /**
   * `agents` decide the networks pages may be in; without them only public ones. `languages` are those that pages are asked
   * for, as in `Accept-Language` (RFC 9110, section 12.5.4).
   */
  constructor({ agents, languages = 'en' }: { agents?: Agents; languages?: string } = {}) {
    this.#agents = agents
    this.#languages = languages
  }

  /** The preview of the first link in a text. A text is worth sending without one, so no failure is ever told. */
  find(text: string): Promise<LinkPreview | undefined> {
    const link = firstLink(text)
    if (link === undefined) return Promise.resolve(undefined)
    const known = this.#pages.get(link)
    if (known) return known
    const preview = this.#look(link).catch(() => undefined)
    this.#pages.set(link, preview, { size: TEXT_BYTES })
    void preview.then((found) => this.#weigh(link, preview, found))
    return preview
  }

  /** How large a preview is, is known when it has been found. */
  #weigh(link: string, preview: Promise<LinkPreview | undefined>, found: LinkPreview | undefined): void {
    if (this.#pages.peek(link) !== preview) return
    const size = TEXT_BYTES + (found?.thumbnail?.length ?? 0) + (found?.large?.bytes.length ?? 0)
    this.#pages.set(link, preview, { size, noUpdateTTL: true })
  }

  async #look(link: string): Promise<LinkPreview | undefined> {
    const signal = AbortSignal.timeout(TOTAL_TIMEOUT_MS)
    const release = await this.#places.acquire(signal)
    try {
      const page = await this.#get(link, signal, { maxBytes: PAGE_BYTES, timeoutMs: PAGE_TIMEOUT_MS })
      if (!/html/i.test(page.headers['content-type'] ?? '')) return undefined
      const summary = await summarise(textOf(page))
      const pictures = await this.#pictures(summary, page.url, signal)
      if (summary.title === '' && summary.description === '' && !pictures) return undefined
      return {
        link,
        title: beginning(summary.title, TITLE_LENGTH),
        description: beginning(summary.description, DESCRIPTION_LENGTH),
        ...pictures,
      }
    } finally {
      release()
    }
  }

  async #pictures(
    { images }: PageSummary,
    base: string,
    signal: AbortSignal,
  ): Promise<LinkPictures | undefined> {
    for (const image of images) {
      try {
        const address = new URL(image, base).href
        const { body } = await this.#get(address, signal, { maxBytes: IMAGE_BYTES, overflow: 'refuse' })
        return await linkPictures(body)
      } catch {
        // The next picture may do; a preview without one is still a preview.
      }
    }
    return undefined
  }

  async #get(
    address: string,
    signal: AbortSignal,
    limits: { maxBytes: number; timeoutMs?: number; overflow?: 'refuse' },
  ): Promise<Fetched> {
    const answer = await safeFetch(address, {
      overflow: 'truncate',
      timeoutMs: TOTAL_TIMEOUT_MS,
      ...limits,
      agents: this.#agents,
      headers: {
        'user-agent': USER_AGENT,
        accept: 'text/html,image/*;q=0.9,*/*;q=0.1',
        'accept-language': this.#languages,
      },
      signal,
    })
    if (answer.status < 200 || answer.status > 299) throw new Error(`unexpected status ${answer.status}`)
    return answer
  }
}

/** Cuts between characters: half of one would not survive the protobuf. */
function beginning(text: string, length: number): string {
  return text.length <= length ? text : [...text.slice(0, 2 * length)].slice(0, length).join('')
}

/** A page names its encoding in the header or near its beginning; most are UTF-8. */
function textOf({ body, headers }: Fetched): string {
  const named = /charset=["']?([\w-]+)/i
  const [, label = 'utf-8'] =
    named.exec(headers['content-type'] ?? '') ?? named.exec(body.toString('latin1', 0, 1024)) ?? []
  try {
    return new TextDecoder(label).decode(body)
  } catch {
    return body.toString('utf8')
  }
}
