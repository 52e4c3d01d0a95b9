const KEPT = 'parley.theme'

/** What can be chosen, and the keys of the words for it. */
const THEMES = { system: 'themeSystem', light: 'themeLight', dark: 'themeDark' }

/**
 * Fills a choice with light, dark, and as the system has it; what is chosen holds for all pages of this browser.
 * @param {HTMLSelectElement} choice
 * @param {(key: string) => string} words
 */
export function offerThemes(choice, words) {
  choice.replaceChildren(...Object.entries(THEMES).map(([name, key]) => new Option(words(key), name)))
  choice.value = kept()
  choice.onchange = () => {
    keep(choice.value)
    dispatchEvent(new Event('themechosen'))
  }
}

function kept() {
  const { chosenTheme = 'system' } = document.documentElement.dataset
  try {
    return localStorage.getItem(KEPT) ?? chosenTheme
  } catch {
    return chosenTheme
  }
}

/** `theme.js` reads it. */
function keep(name) {
  document.documentElement.dataset.chosenTheme = name
  try {
    localStorage.setItem(KEPT, name)
  } catch {
    // Browsers may keep nothing: then it is for this page only.
  }
}
