const loaded = new Map()

/**
 * Brings a style that only a part of the console needs; once, however often it is asked for.
 * @param {string} address of the style
 * @returns {Promise<void>} resolves when it is there, or cannot be had: without it that part looks plain, and works
 */
export function loadStyle(address) {
  if (!loaded.has(address)) {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: address })
    loaded.set(
      address,
      new Promise((resolve) => {
        link.addEventListener('load', resolve)
        link.addEventListener('error', resolve)
      }),
    )
    document.head.append(link)
  }
  return loaded.get(address)
}
