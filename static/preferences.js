import { offerLanguages } from './language.js'
import { byId } from './page.js'
import { offerThemes } from './theme-switch.js'
import { words } from './words.js'

/**
 * Fills the place in the head of a page where language, and light or dark, are chosen.
 * @param {() => void} onLanguage writes the page anew; its words in the new language are there
 */
export function offerPreferences(onLanguage) {
  const language = choice('language')
  const theme = choice('theme')
  byId('preferences').replaceChildren(language, theme)
  offerLanguages(language, () => {
    write()
    onLanguage()
  })
  write()

  function write() {
    offerThemes(theme, words)
    language.setAttribute('aria-label', words('language'))
    theme.setAttribute('aria-label', words('theme'))
  }
}

function choice(id) {
  return Object.assign(document.createElement('select'), { id })
}
