import { request as httpRequest } from 'node:http'

/** A request whose body the test writes itself. */
export function open(port: number, path: string, headers: Record<string, string>) {
  const request = httpRequest({ port, host: '127.0.0.1', path, method: 'POST', headers })
  request.flushHeaders()
  const answer = new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    let text = ''
    request.on('response', (response) => {
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode, text }))
    })
    request.on('error', reject)
  })
  return { request, answer }
}
