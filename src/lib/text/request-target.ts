import type { IncomingMessage } from 'node:http'

/** What a request is about. */
export interface RequestTarget {
  /** As the client wrote it, percent escapes and all. */
  pathname: string
  /** With its question mark; empty when there is none. */
  search: string
}

/**
 * Reads the target of a request in either form a client may use, a path or a whole address (RFC 9112, section 3.2);
 * undefined when it is neither. The URL parser alone is no help: it takes a path that begins with two slashes for a
 * host, and throws when that is none.
 */
export function requestTarget({ url = '/' }: Pick<IncomingMessage, 'url'>): RequestTarget | undefined {
  if (url.startsWith('/')) {
    const [pathname = ''] = url.split('?', 1)
    return { pathname, search: url.slice(pathname.length) }
  }
  return URL.canParse(url) ? new URL(url) : undefined
}
