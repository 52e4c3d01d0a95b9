/** The page that shows OpenAPI documents; `folder` is where its scripts are, seen from the page: '' or `docs/`. */
export function docsPage(folder: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Parley API</title>
    <link rel="icon" type="image/png" href="${folder}favicon-32x32.png">
    <link rel="stylesheet" href="${folder}swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <noscript>The documentation page needs JavaScript; the document itself is at ${folder}openapi.json.</noscript>
    <script src="${folder}swagger-ui-bundle.js"></script>
    <script src="${folder}swagger-ui-standalone-preset.js"></script>
    <script src="${folder}start.js"></script>
  </body>
</html>
`
}
