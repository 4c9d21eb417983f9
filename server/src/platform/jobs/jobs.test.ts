import { afterAll, beforeAll, expect, test } from 'vitest'
import { ok } from '#kernel/result.ts'
import { openDatabase, transact } from '#platform/database/index.ts'
import { type TestDatabase, testContext, testDatabase } from '../../../../test/database.ts'
import type { Span } from '../traces/index.ts'
import { announce, jobWorker } from './index.ts'

/** A span that says how it ended. */
const spanInto = (ended: string[], name: string): Span => ({
  child: (below) => spanInto(ended, `${name}/${below}`),
  tell: () => {},
  end: (failed) => void ended.push(`${name} ${failed === undefined ? 'done' : `failed: ${failed}`}`),
})

let base: TestDatabase
beforeAll(async () => {
  base = await testDatabase()
})
afterAll(() => base.close())

const clockAt = (iso: string) => () => new Date(iso)

test('two thousand jobs, four workers: each handled once, none lost', { timeout: 120_000 }, async () => {
  const at = new Date('2026-03-02T00:00:00Z')
  await transact(testContext(base), 'test.announce', async (tx) => {
    for (let i = 0; i < 2_000; i += 1) await announce(tx, { kind: 'count', payload: { i }, at, office: 2 + (i % 3) })
    return ok(null)
  })
  const seen = new Map<number, number>()
  const workers = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const db = openDatabase(base.connection('tongzhou_server'), { connections: 2 })
      const worker = jobWorker({
        db,
        services: base.services,
        clock: clockAt('2026-03-02T00:00:01Z'),
        handlers: {
          count: async (_ctx, _tx, payload) => {
            const { i } = payload as { i: number }
            seen.set(i, (seen.get(i) ?? 0) + 1)
          },
        },
      })
      return { db, worker }
    }),
  )
  const handled = await Promise.all(workers.map(({ worker }) => worker.drain()))
  expect(handled.reduce((a, b) => a + b, 0)).toBe(2_000)
  expect(seen.size).toBe(2_000)
  expect([...seen.values()].every((times) => times === 1)).toBe(true)
  await Promise.all(workers.map(({ db }) => db.close()))
})

test('a job that fails leaves nothing behind, waits, and is tried again', async () => {
  const at = new Date('2026-03-02T00:00:00Z')
  await transact(testContext(base), 'test.announce', async (tx) => {
    await announce(tx, { kind: 'flaky', payload: {}, at })
    return ok(null)
  })
  let tries = 0
  const watched: string[] = []
  const worker = (iso: string) =>
    jobWorker({
      traces: { begin: (name) => spanInto(watched, name), stop: async () => {} },
      db: base.db,
      services: base.services,
      clock: clockAt(iso),
      handlers: {
        flaky: async () => {
          tries += 1
          if (tries === 1) throw new Error('not yet')
        },
      },
    })
  expect(await worker('2026-03-02T00:00:01Z').drain()).toBe(0)
  expect(await worker('2026-03-02T00:00:02Z').drain()).toBe(0) // it waits
  expect(await worker('2026-03-02T00:01:00Z').drain()).toBe(1)
  expect(tries).toBe(2)
  // Who watches sees each try, with its transactions in it, and how it ended; of an error its kind only.
  expect(watched.filter((each) => /^job flaky(\/[\w.:-]+)? /.test(each))).toEqual([
    'job flaky/job:flaky failed: Error',
    'job flaky/platform.delay-job done',
    'job flaky failed: Error',
    'job flaky/job:flaky done',
    'job flaky done',
  ])
})

test('a job of a transaction that was rolled back never existed', async () => {
  const answer = await transact(testContext(base), 'test.announce', async (tx) => {
    await announce(tx, { kind: 'count', payload: { i: -1 }, at: new Date(0) })
    return { ok: false as const, refused: { code: 'not_allowed' } }
  })
  expect(answer.ok).toBe(false)
  const { rows } = await base.owner.query('select from platform.job')
  expect(rows).toHaveLength(0)
})
