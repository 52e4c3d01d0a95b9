const scripts = new Map()

/** Runs a script that is no module, once; resolves when it has run. */
export function loadScript(url) {
  if (!scripts.has(url.href)) scripts.set(url.href, run(url))
  return scripts.get(url.href)
}

async function run(url) {
  const script = Object.assign(document.createElement('script'), { src: url.href })
  const done = new Promise((resolve, reject) => {
    script.addEventListener('load', resolve)
    script.addEventListener('error', () => reject(new Error(url.pathname)))
  })
  document.head.append(script)
  try {
    await done
  } catch (error) {
    // The next one who wants it tries again.
    scripts.delete(url.href)
    throw error
  }
}
