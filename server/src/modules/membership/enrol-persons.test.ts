import { afterAll, beforeAll, expect, test } from 'vitest'
import { ok } from '#kernel/result.ts'
import { sql, transact } from '#platform/database/index.ts'
import { type TestDatabase, testContext, testDatabase } from '../../../../test/database.ts'
import { enrolling, withPersons } from './enrol-persons.ts'

let base: TestDatabase
beforeAll(async () => {
  base = await testDatabase()
  await base.owner.query(`create table public.came (who text, office bigint, person_id bigint, known boolean)`)
  await base.owner.query(`grant select, insert on public.came to tongzhou_app`)
})
afterAll(() => base.close())

/** Enrols people named by single words, as a roster of `unitId` would; `pause` holds the transaction open. */
const enrol = (office: number, unitId: number, names: readonly string[], pause?: () => Promise<void>) =>
  transact(testContext(base, { office }), 'test.enrol', async (tx) => {
    const rows = sql`select sha256(who::bytea) as paper_hash, ''::bytea as name_sealed, 'resident' as paper_kind, ''::bytea as paper_sealed,
                            'F' as sex, date '1990-01-01' as born_on, who from unnest(${names}::text[]) as who`
    const people = await enrolling(tx, rows, { unitId, on: '2026-03-02', count: names.length })
    await withPersons(tx, () =>
      sql`with ${people} insert into public.came select who, ${tx.office}, person_id, known from enrolling`.execute(
        tx.q,
      ),
    )
    await pause?.()
    return ok(null)
  })
const count = async (from: string): Promise<number> =>
  (await base.owner.query<{ n: number }>(`select count(*)::int as n from ${from}`)).rows[0]?.n ?? -1

test('whoever is enrolled again, elsewhere, or by another unit keeps her one record', async () => {
  await enrol(2, 11, ['a', 'b'])
  await enrol(2, 11, ['b', 'c'])
  await enrol(2, 12, ['b'])
  await enrol(3, 31, ['b'])
  expect(await count('membership.person')).toBe(3)
  expect(await count('membership.member')).toBe(4) // b in two offices
  expect(await count('membership.belonging')).toBe(5)
  expect(await count(`(select distinct person_id from public.came where who = 'b') x`)).toBe(1)
  expect(await count(`public.came where known`)).toBe(3)
})

test('two enrolments that meet on new people, in one office and across two, wait and make each a member once', async () => {
  const names = Array.from({ length: 50 }, (_, n) => `met-${n}`)
  const twins = await Promise.all([
    enrol(2, 11, names, () => new Promise((done) => setTimeout(done, 150))),
    enrol(2, 12, [...names].reverse()),
    enrol(3, 31, names.slice(10)),
    enrol(3, 31, [...names].reverse(), () => new Promise((done) => setTimeout(done, 50))),
  ])
  expect(twins.every((each) => each.ok)).toBe(true)
  const met = `select id from membership.person where paper_hash in (select sha256(('met-' || n)::bytea) from generate_series(0, 49) n)`
  expect(await count(`(${met}) x`)).toBe(50)
  expect(await count(`membership.member where office_id = 2 and person_id in (${met})`)).toBe(50)
  expect(await count(`membership.member where office_id = 3 and person_id in (${met})`)).toBe(50)
  expect(await count(`membership.belonging where person_id in (${met})`)).toBe(150)
  expect(
    await count(
      `public.came c where who like 'met-%' and not exists (select from (${met}) p where p.id = c.person_id)`,
    ),
  ).toBe(0)
})

test('a member number keeps all its digits when ids have grown beyond ten', async () => {
  await base.owner.query('update platform.id_block set next = 12345678901')
  await base.owner.query('delete from public.came')
  const ids = base.db.ids
  for (let left = 0; left < 12345678901; ) left = await ids.take(1_000)
  await enrol(2, 11, ['late', 'later'])
  const { rows } = await base.owner.query<{ member_number: string; id: string }>(
    `select id, member_number from membership.person where paper_hash in (sha256('late'), sha256('later'))`,
  )
  expect(rows.map((row) => row.member_number)).toEqual(rows.map((row) => `M${row.id}`))
  expect(rows).toHaveLength(2)
})
