import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readLines } from '../../../src/http/pipe/line-reader.ts'

const never = new AbortController().signal

async function linesOf(chunks: (string | Buffer)[], maxBytes = 1_000): Promise<string[]> {
  const lines: string[] = []
  const input = Readable.from(chunks.map((chunk) => Buffer.from(chunk)))
  for await (const line of readLines(input, { maxBytes, signal: never }))
    lines.push(line.kind === 'line' ? line.text : 'TOO LONG')
  return lines
}

test('lines end with a line feed, with or without carriage return, and the last one with the stream', async () => {
  expect(await linesOf(['one\ntwo\r\n\nthr', 'ee'])).toEqual(['one', 'two', '', 'three'])
  expect(await linesOf([])).toEqual([])
})

test('a line may have as many bytes as it may, and one more is told once and dropped', async () => {
  expect(await linesOf(['12345\n', '123456\n', '1\n'], 5)).toEqual(['12345', 'TOO LONG', '1'])
  expect(await linesOf(['1234', '56', '78', '9\nnext\n', '123456'], 5)).toEqual([
    'TOO LONG',
    'next',
    'TOO LONG',
  ])
})

test('a letter that is cut in two is whole', async () => {
  const bytes = Buffer.from('größe\n')

  for (let at = 0; at <= bytes.length; at++)
    expect(await linesOf([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(['größe'])
})

test('however a text is cut, its lines are the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.constantFrom('a', 'ü', '\n', '\r\n', 'bcdefgh'), { maxLength: 8 }), {
        maxLength: 8,
      }),
      async (pieces) => {
        const chunks = pieces.map((piece) => piece.join(''))
        const whole = chunks.join('')

        const lines = await linesOf(chunks, 10)

        const expected = whole.split('\n').map((line) => line.replace(/\r$/, ''))
        if (expected.at(-1) === '') expected.pop()
        // A carriage return counts until its line is known to end there.
        const fits = (line: string) => Buffer.byteLength(line) <= 9
        expect(lines.length).toBe(expected.length)
        for (const [index, line] of lines.entries())
          if (fits(expected[index] ?? '')) expect(line).toBe(expected[index])
      },
    ),
  )
})

test('nothing is read while a line is being used', async () => {
  let given = 0
  const input = new Readable({
    highWaterMark: 1,
    read() {
      given++
      this.push(Buffer.from(`${given}\n`))
    },
  })
  const lines = readLines(input, { maxBytes: 10, signal: never })

  await lines.next()
  await new Promise((resolve) => setTimeout(resolve, 50))

  // The stream itself has one piece in hand, and one on the way.
  expect(given).toBeLessThanOrEqual(3)
  input.destroy()
})
