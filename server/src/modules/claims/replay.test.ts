import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { benefitsPaid } from '../../../../journeys/benefits.ts'
import { openWorld, type World } from '../../../../journeys/world.ts'
import { replayDecisions } from './index.ts'

let world: World
let master: pg.Client
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
  await benefitsPaid(world, { claims: 4 })
  master = new pg.Client(world.base.connection('postgres'))
  await master.connect()
})
afterAll(async () => {
  await master.end()
  await world.close()
})

const replay = (which = {}) => replayDecisions(world.base.owner, which)
const planted = async (change: string, back: string) => {
  await master.query(change)
  const { differences } = await replay()
  await master.query(back)
  expect((await replay()).differences).toEqual([])
  return differences
}
const first = '(select min(item_id) from claims.decision)'

test('every kept decision comes out as it was decided, to the fen', async () => {
  const { decisions, benefitFen, differences } = await replay()
  expect(differences).toEqual([])
  expect(decisions).toBe(4)
  const { rows } = await master.query<{ sum: number }>('select sum(benefit_fen)::bigint as sum from claims.decision')
  expect(benefitFen).toBe(rows[0]?.sum)
  expect(benefitFen).toBeGreaterThan(0)
})

test('one fen more in a decision is found, with the letter it stands in', async () => {
  const found = await planted(
    `update claims.decision set benefit_fen = benefit_fen + 1 where item_id = ${first}`,
    `update claims.decision set benefit_fen = benefit_fen - 1 where item_id = ${first}`,
  )
  expect(found).toMatchObject([{ what: 'amount', zh: '决定 1000001 分，重算 1000000 分', office: 2 }])
  expect(found[0]?.letter).toMatch(/^JD2026-2-/)
})

test('a fen in the workings alone, a fact, the cover’s terms, or the text of the edition: each is found', async () => {
  expect(
    await planted(
      `update claims.decision set workings = jsonb_set(workings, '{0,result}', '1') where item_id = ${first}`,
      `update claims.decision d set workings = o.workings from claims.decision o where d.item_id = ${first} and o.item_id = (select max(item_id) from claims.decision)`,
    ),
  ).toMatchObject([{ what: 'workings' }])
  expect(
    await planted(
      `update claims.decision set inputs = jsonb_set(inputs, '{case,event,dates,diagnosis}', '"2026-03-05"') where item_id = ${first}`,
      `update claims.decision set inputs = jsonb_set(inputs, '{case,event,dates,diagnosis}', '"2026-07-03"') where item_id = ${first}`,
    ),
  ).toHaveLength(1)
  expect(
    await planted(
      `update claims.decision set inputs = jsonb_set(inputs, '{case,cover,shares}', '2') where item_id = ${first}`,
      `update claims.decision set inputs = jsonb_set(inputs, '{case,cover,shares}', '1') where item_id = ${first}`,
    ),
  ).toMatchObject([{ what: 'amount' }])
  const texts = await planted(
    `update plans.edition set text = text || E'\\n# x' where plan = 'demo-critical'`,
    `update plans.edition set text = left(text, -4) where plan = 'demo-critical'`,
  )
  expect(texts).toHaveLength(4)
  expect(texts[0]).toMatchObject({ what: 'edition', zh: '版本的原文与它的指纹不符' })
})

test('a day, a plan or a decider at a time', async () => {
  expect((await replay({ from: '2026-07-20', until: '2026-07-21' })).decisions).toBe(4)
  expect((await replay({ from: '2026-07-21' })).decisions).toBe(0)
  expect((await replay({ plan: 'demo-critical' })).decisions).toBe(4)
  expect((await replay({ plan: 'demo-hospital' })).decisions).toBe(0)
  expect((await replay({ decidedBy: 1 })).decisions).toBe(0)
})
