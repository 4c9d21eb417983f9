import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { openWorld, type World } from '../journeys/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
})
afterAll(() => world.close())

interface Parameter {
  readonly in: string
  readonly name: string
  readonly schema: {
    readonly type?: string
    readonly pattern?: string
    readonly enum?: unknown
  }
}
interface Operation {
  readonly parameters?: readonly Parameter[]
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> }
  readonly responses?: Readonly<Record<string, unknown>>
}

test('/openapi.json is a valid OpenAPI 3.1 document, and names every request for people', async () => {
  const { body } = await world.anybody.get('/openapi.json')
  const answer = await new Validator().validate(structuredClone(body))
  expect(answer.errors ?? []).toEqual([])
  expect(answer.valid).toBe(true)
  const { openapi, paths } = body as unknown as { openapi: string; paths: Record<string, Record<string, Operation>> }
  expect(openapi).toBe('3.1.0')
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([m, o]) => ({ path, m, o })),
  )
  expect(all.length).toBeGreaterThan(40)
  for (const { path, m, o } of all) {
    expect(o.summary, `${m} ${path}`).toMatch(/[\u4e00-\u9fff]/)
    expect(o.tags, `${m} ${path}`).toHaveLength(1)
  }
})

test('a form with a file says so in the document: which fields, and the file', async () => {
  const { body } = await world.anybody.get<{
    paths: Record<string, { post?: Operation }>
  }>('/openapi.json')
  for (const [path, { post }] of Object.entries(body.paths)) {
    const form = post?.requestBody?.content['multipart/form-data'] as
      | { schema?: { properties?: Record<string, unknown> } }
      | undefined
    if (form) expect(form.schema?.properties, path).toHaveProperty('file')
  }
  expect(body.paths['/rosters/{rosterId}/files']?.post?.requestBody?.content).toHaveProperty('multipart/form-data')
})

test('the reference page shows, for each request, what goes in and what comes out', async () => {
  const page = String((await world.anybody.get('/reference')).body)
  for (const said of ['/rosters/{rosterId}/files', 'creditCode', 'password', 'sign_in_refused', '请先登录'])
    expect(page).toContain(said)
  expect(page).not.toContain('[object Object]')
  expect(page).not.toContain('undefined')
})

/** Texts in an address that take anything, each with what it is. What a person types about a person is none of them. */
const freeTexts: Readonly<Record<string, string>> = {
  'get /sign-in/oidc/back query state': 'a random number of ours, given back by the provider',
  'get /sign-in/oidc/back query code': 'a code for one use, by the protocol',
  'get /sign-in/oidc/back query error': 'a word of the protocol',
  'get /receipts query unallocated': 'yes or no',
  'get /books/{period} query text': 'yes or no',
}
const aboutSomebody = [
  '990001199001010018',
  '99000119900101001X',
  '13800138000',
  '6222020000007777',
  '张三',
  'Zhang San',
]

/** Whether an address can carry a name, a paper's number, a telephone or an account by this parameter. */
const takesAny = ({ name, schema }: Parameter): boolean => {
  if (schema.enum) return false
  if (schema.type === 'integer') return !/Id$|^(limit|after)$/.test(name) // a number of ours, or a count
  return !schema.pattern || aboutSomebody.some((text) => new RegExp(schema.pattern ?? '').test(text))
}

test('no path or query takes a name, a paper’s number, a telephone or an account: what is personal goes in a body', async () => {
  const { body } = await world.anybody.get<{ paths: Record<string, Record<string, Operation>> }>('/openapi.json')
  const taking = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { parameters = [] }]) =>
      parameters.filter(takesAny).map((each) => `${method} ${path} ${each.in} ${each.name}`),
    ),
  )
  expect(taking.sort()).toEqual(Object.keys(freeTexts).sort())
})
