import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { openWorld, type World } from '../journeys/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
})
afterAll(() => world.close())

interface Operation {
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
