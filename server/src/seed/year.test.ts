import { expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { testDatabase } from '../../../test/database.ts'
import { doctor } from '../doctor.ts'
import { seedDemonstration } from './demonstration.ts'
import { seedYear } from './year.ts'

const aYear = async (seed: number) => {
  const base = await testDatabase()
  try {
    await seedDemonstration(base.db, base.services, new Date('2026-01-05T10:00:00+08:00'), day('2026-01-05'))
    const made = await seedYear(base.db, base.services, { members: 300, seed, say: () => {} })
    const wrong = (await doctor(base.owner, day('2026-12-31'))).filter(({ rows }) => rows > 0).map(({ name }) => name)
    const { rows: paid } = await base.owner.query<{ item: string }>(
      `select amount_fen || ' ' || due_on as item from payments.due order by id`,
    )
    const { rows: flow } = await base.owner.query<{ came: string; granted: string }>(
      `select (select sum(amount_fen) from contributions.receipt) as came, (select sum(amount_fen) from payments.due) as granted`,
    )
    return { made, wrong, paid: paid.map(({ item }) => item), flow: flow[0] }
  } finally {
    await base.close()
  }
}

test('a year comes out whole by every question of the doctor, the same for the same seed, and pays about what came in', async () => {
  const [one, again, other] = [await aYear(1), await aYear(1), await aYear(2)]
  expect(one.wrong).toEqual([])
  expect(one.made).toEqual(again.made)
  expect(one.paid).toEqual(again.paid)
  expect(one.paid).not.toEqual(other.paid)
  expect(one.made.claims).toBeGreaterThan(5)
  const share = Number(one.flow?.granted) / Number(one.flow?.came)
  expect(share).toBeGreaterThan(0.2)
  expect(share).toBeLessThan(1.5) // three hundred people: one illness more or less is a tenth
}, 300_000)
