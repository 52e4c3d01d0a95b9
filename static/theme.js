/*
 * Light or dark, before the first paint: a page must not flash in the other one. It is a script of its own because the
 * content security policy refuses scripts inside pages, and no module, because modules wait for the whole page.
 */
;(() => {
  const system = matchMedia('(prefers-color-scheme: dark)')

  function show() {
    const chosen = kept()
    const isDark = chosen === 'dark' || (chosen !== 'light' && system.matches)
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
  }

  function kept() {
    try {
      return localStorage.getItem('parley.theme')
    } catch {
      // Browsers may keep nothing: then it is as the system has it.
      return document.documentElement.dataset.chosenTheme
    }
  }

  system.addEventListener('change', show)
  // Another tab of the same server, and the switch of this one.
  addEventListener('storage', show)
  addEventListener('themechosen', show)
  show()
})()
