import { sortedMembers } from './stringify.ts'

/** `application/x-www-form-urlencoded` as Go's `url.Values.Encode` writes it: fields sorted, spaces as `+`. */
export function formBody(fields: object): string {
  return sortedMembers(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${queryEscape(name)}=${queryEscape(String(value))}`)
    .join('&')
}

// encodeURIComponent leaves five characters alone that Go escapes, and refuses halves of surrogate pairs, which Go replaces.
function queryEscape(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}
