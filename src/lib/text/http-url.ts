/** Whether a text is an address that can be fetched: absolute, http or https, with a host. */
export function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^/]/i.test(text) && URL.canParse(text)
}
