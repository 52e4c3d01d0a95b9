/**
 * The page that shows OpenAPI documents; `folder` is where its script is, seen from the page: '' or `docs/`. The script
 * knows where the server's other pages are, and with them the styles.
 */
export function docsPage(folder: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="referrer" content="no-referrer">
    <title>Parley API</title>
    <link rel="icon" type="image/svg+xml" href="${folder}favicon.svg">
    <link rel="stylesheet" href="${folder}style.css">
    <link rel="stylesheet" href="${folder}api.css">
    <script src="${folder}theme.js"></script>
    <script type="module" src="${folder}start.js"></script>
  </head>
  <body>
    <a class="skip" href="#main" data-words="skip"></a>
    <header class="top">
      <p class="wordmark">Parley</p>
      <nav data-words-label="pages"><a id="back" href="../dashboard/" data-words="back"></a></nav>
      <select class="api-choice" id="api" data-words-label="api" hidden></select>
      <p class="preferences" id="preferences"></p>
    </header>
    <main id="main" tabindex="-1">
      <noscript><p>This page needs JavaScript; the document itself is at ${folder}openapi.json.</p></noscript>
      <div class="docs">
        <nav id="menu" data-words-label="chapters"></nav>
        <div id="shown"></div>
      </div>
    </main>
  </body>
</html>
`
}
