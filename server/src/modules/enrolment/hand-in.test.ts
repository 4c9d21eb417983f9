import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { writeXlsx } from '#platform/sheets/index.ts'
import { type Client, enrol, openWorld, peopleFrom, rosterOf, type World } from '../../../../journeys/world.ts'

// A file longer than one batch of the reading thread: what holds for a short one holds for it.

let world: World
let officer: Client
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
  officer = await world.as('east-unit1')
})
afterAll(() => world.close())

const count = async (from: string): Promise<number> =>
  (await world.base.owner.query<{ n: number }>(`select count(*)::int as n from ${from}`)).rows[0]?.n ?? -1
const openRoster = async (plan = 'demo-critical'): Promise<number> => {
  const editions = await officer.get<{ id: number; plan: string }[]>('/editions')
  const opened = await officer.post<{ rosterId: number }>('/rosters', {
    unitId: world.demo.units['east-unit1'],
    editionId: editions.body.find((each) => each.plan === plan)?.id,
  })
  return opened.body.rosterId
}
interface Answer {
  handInId: number
  rowsIn: number
  accepted: number
  toMend: number
  alreadyIn: number
  defects: Record<string, number>
  sample: { row: number; problems: string[] }[]
}
const people = peopleFrom(300_000, 9_000)
/** Nine thousand rows: the first person again in the last row, and one number broken in the second batch. */
const long = () => {
  const rows = people.map((each) => [each.name, each.paper])
  const broken = rows[5_000] as string[]
  rows[5_000] = [broken[0] ?? '', `${broken[1]?.slice(0, 17)}${broken[1]?.[17] === '1' ? '2' : '1'}`]
  return writeXlsx([['姓名', '身份证号'], ...rows, [people[0]?.name ?? '', people[0]?.paper ?? '']])
}

test('a long file: the same person twice is known over batches, and every row is told', async () => {
  const rosterId = await openRoster()
  const done = await officer.upload<Answer>(`/rosters/${rosterId}/files`, await long())
  expect(done.body).toMatchObject({ rowsIn: 9_001, accepted: 8_999, toMend: 2, alreadyIn: 0 })
  expect(done.body.defects).toEqual({ paper_check_digit: 1, twice_in_file: 1 })
  expect(done.body.sample.map((each) => each.row)).toEqual([5_002, 9_002])
  expect(await count(`enrolment.roster_row where roster_id = ${rosterId}`)).toBe(8_999)

  // The mended row, and the others again in another order: who is on the roster stays as she was.
  const again = await officer.upload<Answer>(`/rosters/${rosterId}/files`, await rosterOf([...people].reverse()))
  expect(again.body).toMatchObject({ rowsIn: 9_000, accepted: 9_000, toMend: 0, alreadyIn: 8_999 })
  expect(await count(`enrolment.roster_row where roster_id = ${rosterId}`)).toBe(9_000)
})

test('all or nothing: two wrong rows in nine thousand, and nobody is put on the roster', async () => {
  const rosterId = await openRoster()
  const done = await officer.upload<Answer>(`/rosters/${rosterId}/files`, await long(), { mode: 'all_or_nothing' })
  expect(done.body).toMatchObject({ rowsIn: 9_001, accepted: 0, toMend: 9_001 })
  expect(done.body.defects).toMatchObject({ others_first: 8_999 })
  expect(await count(`enrolment.roster_row where roster_id = ${rosterId}`)).toBe(0)
  const mended = await officer.upload<Answer>(`/rosters/${rosterId}/files`, await rosterOf(people), {
    mode: 'all_or_nothing',
  })
  expect(mended.body).toMatchObject({ rowsIn: 9_000, accepted: 9_000, toMend: 0 })
})

test('who is covered already is found in whatever batch she stands, and one of them stops all or nothing', async () => {
  await enrol(world, 'east', 'unit2', 'demo-critical', peopleFrom(500_000, 30), { shares: 1 })
  const all = [...peopleFrom(320_000, 6_000), ...peopleFrom(500_000, 3)]
  const [first, second] = [await openRoster(), await openRoster()]
  const good = await officer.upload<Answer>(`/rosters/${first}/files`, await rosterOf(all))
  expect(good.body).toMatchObject({ rowsIn: 6_003, accepted: 6_000, defects: { covered_elsewhere: 3 } })
  expect(good.body.sample.map((each) => each.row)).toEqual([6_002, 6_003, 6_004])
  expect(JSON.stringify(good.body)).not.toContain('unit2')
  const none = await officer.upload<Answer>(`/rosters/${second}/files`, await rosterOf(all), { mode: 'all_or_nothing' })
  expect(none.body).toMatchObject({ accepted: 0, toMend: 6_003 })
  expect(await count(`enrolment.roster_row where roster_id = ${second}`)).toBe(0)
})

test('the same long file by two officers at once: one answer, every person once', async () => {
  const rosterId = await openRoster()
  const file = await rosterOf(peopleFrom(340_000, 6_000))
  const answers = await Promise.all([1, 2, 3].map(() => officer.upload<Answer>(`/rosters/${rosterId}/files`, file)))
  expect(new Set(answers.map((each) => each.body.handInId)).size).toBe(1)
  expect(await count(`enrolment.roster_row where roster_id = ${rosterId}`)).toBe(6_000)
  expect(await count(`enrolment.hand_in where roster_id = ${rosterId}`)).toBe(1)
})

test('a file without the columns, or cut off in the middle, leaves nothing, and the next one is read as ever', async () => {
  const rosterId = await openRoster()
  const noColumns = await officer.upload(`/rosters/${rosterId}/files`, await writeXlsx([['工号'], ['1'], ['2']]))
  expect(noColumns).toMatchObject({ status: 422, body: { code: 'roster_columns_missing' } })
  const whole = await long()
  const cut = Buffer.concat([whole.subarray(0, 60_000), whole.subarray(60_200)])
  const damaged = await officer.upload(`/rosters/${rosterId}/files`, cut)
  expect(damaged).toMatchObject({ status: 422, body: { code: 'sheet_damaged' } })
  expect(await count(`enrolment.hand_in where roster_id = ${rosterId}`)).toBe(0)
  expect(await count(`enrolment.roster_row where roster_id = ${rosterId}`)).toBe(0)
  const good = await officer.upload<Answer>(`/rosters/${rosterId}/files`, await rosterOf(people.slice(0, 10)))
  expect(good.body).toMatchObject({ accepted: 10 })
})
