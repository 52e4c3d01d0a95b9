/**
 * A request as programs of several languages make it, with nothing but what the language comes with.
 * @typedef {{method: string, url: string, headers: Record<string, string>, json?: unknown, form?: FormPart[]}} Sample
 * @typedef {{name: string, value: string, isFile: boolean}} FormPart `value` of a file is its path
 */

/** The languages in the order in which they are offered; `write` makes the text of a program. */
export const LANGUAGES = [
  { name: 'curl', title: 'curl', write: curl },
  { name: 'javascript', title: 'JavaScript', write: javascript },
  { name: 'python', title: 'Python', write: python },
  { name: 'php', title: 'PHP', write: php },
  { name: 'go', title: 'Go', write: go },
]

/** @param {Sample} sample */
function curl({ method, url, headers, json, form }) {
  const parts = [`curl -X ${method} ${quoted(url)}`]
  for (const [name, value] of headersOf({ headers, json })) parts.push(`-H ${quoted(`${name}: ${value}`)}`)
  if (json !== undefined) parts.push(`-d ${quoted(pretty(json))}`)
  for (const { name, value, isFile } of form ?? [])
    parts.push(isFile ? `-F ${quoted(`${name}=@${value}`)}` : `--form-string ${quoted(`${name}=${value}`)}`)
  return parts.join(' \\\n  ')

  function quoted(text) {
    return `'${text.replaceAll("'", "'\\''")}'`
  }
}

/** @param {Sample} sample */
function javascript({ method, url, headers, json, form }) {
  const lines = []
  if (form) {
    if (form.some(({ isFile }) => isFile)) lines.push("import { openAsBlob } from 'node:fs'", '')
    lines.push('const form = new FormData()')
    for (const { name, value, isFile } of form)
      lines.push(
        isFile
          ? `form.set(${text(name)}, await openAsBlob(${text(value)}), ${text(value)})`
          : `form.set(${text(name)}, ${text(value)})`,
      )
    lines.push('')
  }
  lines.push(`const response = await fetch(${text(url)}, {`, `  method: ${text(method)},`)
  lines.push(`  headers: ${indented(pretty(Object.fromEntries(headersOf({ headers, json }))), '  ')},`)
  if (json !== undefined) lines.push(`  body: JSON.stringify(${indented(pretty(json), '  ')}),`)
  if (form) lines.push('  body: form,')
  lines.push('})', 'console.log(response.status, await response.text())')
  return lines.join('\n')

  function text(value) {
    return JSON.stringify(value)
  }
}

/** @param {Sample} sample */
function python({ method, url, headers, json, form }) {
  const lines = json === undefined ? [] : ['import json']
  if (form) lines.push('import uuid')
  lines.push('import urllib.error', 'import urllib.request', '')
  const all = `{${headersOf({ headers, json })
    .map(([name, value]) => `${literal(name)}: ${literal(value)}`)
    .join(', ')}}`
  lines.push(`headers = ${all}`)
  if (json !== undefined) lines.push(`body = json.dumps(${literal(json)}).encode()`)
  else if (form) lines.push(...pythonForm(form))
  else lines.push('body = None')
  lines.push(
    `request = urllib.request.Request(${literal(url)}, data=body, headers=headers, method=${literal(method)})`,
    'try:',
    '    response = urllib.request.urlopen(request)',
    'except urllib.error.HTTPError as error:',
    '    response = error',
    'print(response.status, response.read().decode())',
  )
  return lines.join('\n')
}

function pythonForm(form) {
  return [
    'boundary = uuid.uuid4().hex',
    'headers["Content-Type"] = "multipart/form-data; boundary=" + boundary',
    'body = b""',
    ...form.flatMap(({ name, value, isFile }) => {
      const file = isFile ? `; filename="${value}"\\r\\nContent-Type: application/octet-stream` : ''
      const head = `Content-Disposition: form-data; name="${name}"${file}\\r\\n\\r\\n`
      return [
        `body += ("--" + boundary + '\\r\\n${head}').encode()`,
        isFile
          ? `body += open(${literal(value)}, "rb").read() + b"\\r\\n"`
          : `body += (${literal(value)} + "\\r\\n").encode()`,
      ]
    }),
    'body += ("--" + boundary + "--\\r\\n").encode()',
  ]
}

/** A value as Python writes it. */
function literal(value) {
  if (value === null) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([name, inner]) => `${literal(name)}: ${literal(inner)}`)
      .join(', ')}}`
  // Texts are written alike in both languages: what JSON escapes, Python reads.
  return JSON.stringify(value)
}

/** @param {Sample} sample */
function php({ method, url, headers, json, form }) {
  const lines = ['<?php']
  if (form) {
    lines.push('$boundary = bin2hex(random_bytes(16));', "$body = '';")
    for (const { name, value, isFile } of form) {
      const file = isFile ? `; filename="${value}"\\r\\nContent-Type: application/octet-stream` : ''
      const content = isFile ? `file_get_contents(${quoted(value)})` : quoted(value)
      const head = `--$boundary\\r\\nContent-Disposition: form-data; name="${name}"${file}\\r\\n\\r\\n`
      lines.push(`$body .= "${head.replaceAll('"', '\\"')}" . ${content} . "\\r\\n";`)
    }
    lines.push('$body .= "--$boundary--\\r\\n";')
  } else if (json !== undefined) lines.push(`$body = ${quoted(pretty(json))};`)
  const all = headersOf({ headers, json }).map(([name, value]) => `    ${quoted(`${name}: ${value}`)},`)
  if (form) all.push('    "Content-Type: multipart/form-data; boundary=$boundary",')
  lines.push('$context = stream_context_create([', "  'http' => [", `    'method' => ${quoted(method)},`)
  lines.push("    'header' => [", ...all.map((line) => `  ${line}`), '    ],')
  if (form || json !== undefined) lines.push("    'content' => $body,")
  lines.push("    'ignore_errors' => true,", '  ],', ']);')
  lines.push(`$answer = file_get_contents(${quoted(url)}, false, $context);`)
  lines.push('echo $http_response_header[0], "\\n", $answer, "\\n";')
  return lines.join('\n')

  function quoted(text) {
    return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  }
}

/** @param {Sample} sample */
function go({ method, url, headers, json, form }) {
  const packages = ['fmt', 'io', 'net/http']
  const lines = []
  if (form) {
    packages.push('bytes', 'mime/multipart')
    lines.push('\tvar body bytes.Buffer', '\tform := multipart.NewWriter(&body)')
    if (form.some(({ isFile }) => isFile)) packages.push('os')
    for (const { name, value, isFile } of form)
      lines.push(
        ...(isFile
          ? [
              `\tif part, err := form.CreateFormFile(${text(name)}, ${text(value)}); err == nil {`,
              `\t\tfile, err := os.ReadFile(${text(value)})`,
              '\t\tif err != nil {',
              '\t\t\tpanic(err)',
              '\t\t}',
              '\t\tpart.Write(file)',
              '\t}',
            ]
          : [`\tform.WriteField(${text(name)}, ${text(value)})`]),
      )
    lines.push('\tform.Close()')
  } else if (json !== undefined) {
    packages.push('strings')
    lines.push(`\tbody := strings.NewReader(${block(pretty(json))})`)
  }
  const body = form ? '&body' : json === undefined ? 'nil' : 'body'
  lines.push(`\trequest, err := http.NewRequest(${text(method)}, ${text(url)}, ${body})`)
  lines.push('\tif err != nil {', '\t\tpanic(err)', '\t}')
  for (const [name, value] of headersOf({ headers, json }))
    lines.push(`\trequest.Header.Set(${text(name)}, ${text(value)})`)
  if (form) lines.push('\trequest.Header.Set("Content-Type", form.FormDataContentType())')
  lines.push(
    '\tresponse, err := http.DefaultClient.Do(request)',
    '\tif err != nil {',
    '\t\tpanic(err)',
    '\t}',
  )
  lines.push('\tdefer response.Body.Close()', '\tanswer, _ := io.ReadAll(response.Body)')
  lines.push('\tfmt.Println(response.StatusCode, string(answer))')
  const imports = packages.sort().map((name) => `\t"${name}"`)
  return ['package main', '', 'import (', ...imports, ')', '', 'func main() {', ...lines, '}'].join('\n')

  // Go reads what JSON escapes, but for two of the surrogates together, which JSON does not escape.
  function text(value) {
    return JSON.stringify(value)
  }

  function block(value) {
    return value.includes('`') ? JSON.stringify(value) : `\`${value}\``
  }
}

function headersOf({ headers, json }) {
  return Object.entries(json === undefined ? headers : { ...headers, 'Content-Type': 'application/json' })
}

function pretty(value) {
  return JSON.stringify(value, undefined, 2)
}

function indented(text, indent) {
  return text.replaceAll('\n', `\n${indent}`)
}
