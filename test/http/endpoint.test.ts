import { expect, test } from 'vitest'
import { z } from 'zod'
import { del, get, post, put, reply } from '../../src/http/endpoint/endpoint.ts'
import type { UserScope } from '../../src/operations/services.ts'
import type { LiveSession } from '../../src/whatsapp/session/session.ts'

interface Letter {
  to: string
  text: string
  quoted?: string
}

interface Posted {
  id: string
}

const sendLetter = async (_session: LiveSession, letter: Letter): Promise<Posted> => ({ id: letter.to })
const body = z.object({ Phone: z.string(), Body: z.string() })
const posted = reply(z.object({ Id: z.string() }), (sent: Posted) => ({ Id: sent.id }))

test('a declaration is plain data with its verb and path', () => {
  const endpoint = post('/letters', {
    summary: 'Send a letter',
    body,
    run: sendLetter,
    input: ({ body }) => ({ to: body.Phone, text: body.Body }),
    reply: posted,
  })

  expect(endpoint).toMatchObject({
    method: 'post',
    path: '/letters',
    summary: 'Send a letter',
    run: sendLetter,
  })
  expect(
    [get, put, del].map(
      (declare) => declare('/x', { summary: '', run: async () => ({ id: '' }), reply: posted }).method,
    ),
  ).toEqual(['get', 'put', 'delete'])
})

test('mistakes in a declaration do not compile', () => {
  const mistakes = [
    post('/letters', {
      summary: 'a field that the operation requires is misspelt',
      body,
      run: sendLetter,
      // @ts-expect-error `txt` is not `text`
      input: ({ body }) => ({ to: body.Phone, txt: body.Body }),
      reply: posted,
    }),
    post('/letters', {
      summary: 'a field that the operation may do without is misspelt',
      body,
      run: sendLetter,
      // @ts-expect-error `qouted` is not `quoted`
      input: ({ body }) => ({ to: body.Phone, text: body.Body, qouted: body.Body }),
      reply: posted,
    }),
    post('/letters', {
      summary: 'a field of the body is misspelt',
      body,
      run: sendLetter,
      // @ts-expect-error `Phon` is not `Phone`
      input: ({ body }) => ({ to: body.Phon, text: body.Body }),
      reply: posted,
    }),
    post('/letters', {
      summary: 'a reply for another result',
      body,
      run: sendLetter,
      input: ({ body }) => ({ to: body.Phone, text: body.Body }),
      // @ts-expect-error the operation answers with an id, not with a number
      reply: reply(z.number(), (count: number) => count),
    }),
    post('/letters', {
      summary: 'an operation on a row, declared without saying so',
      // @ts-expect-error `needs` is missing: a live session would be passed
      run: async (scope: UserScope) => ({ id: scope.user.id }),
      reply: posted,
    }),
  ]

  expect(mistakes).toHaveLength(5)
})
