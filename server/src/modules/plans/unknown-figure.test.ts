import { expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { assess } from './assess.ts'
import { compile } from './edition.ts'
import { reasonText } from './explain.ts'
import { feeFor, openOn } from './joining.ts'

const clauses = '## art-1 参加\n\n在职职工。\n\n## art-2 给付\n\n住院给付，数额见附表。\n'
const text = (more = '', term = 'months') => `
plan: lacking
edition: 1
title: 缺数值的计划
issuer: 某工会
kind: published
source: { issuer: 某工会, year: 年份不详, evidence: C }
family: hospital
fund: hospital
in_force: { from: 2024-01-01 }
missing: [公示天数]
values:
  fee: { about: 互助费, unit: yuan, unknown: yes, clause: art-1 }
  most: { about: 最高份数, unit: count, value: 1, clause: art-1, source: ours }
  months: { about: 期限, unit: months, value: 12, clause: art-1 }
  never: { about: 来源未载的期限, unit: months, unknown: yes, clause: art-1 }
  sum: { about: 住院互助金, unit: yuan, unknown: yes, clause: art-2 }
who: { clause: art-1 }
fee: { clause: art-1, per: person, amount: fee, shares_max: most }
term: { clause: art-1, months: ${term}, starts: common_day }
parts:
  - id: hospital
    title: 住院互助金
    clause: art-2
    events: [inpatient_stay]
    key_date: discharge
    steps: [{ amount: sum }]
    reviews: { levels: 1, decides: agency, source: ours }
${more}`

test('a figure that no text gives closes the edition, is named, and is never taken for nothing', () => {
  const edition = compile(text(), clauses)
  if (!edition.ok) throw new Error(edition.refused.first)
  const { open, missing } = openOn(edition.value, day('2024-05-01'))
  expect(open).toBe(false)
  expect(missing).toEqual(['公示天数', '互助费', '来源未载的期限', '住院互助金'])
  expect(feeFor(edition.value, 1, '2024-05-01', { sex: null, bornOn: null })).toBe(null)

  const [part] = assess(edition.value, {
    cover: { coverId: 1, from: '2024-01-01', until: '2025-01-01', shares: 1, continuous: false },
    event: { kind: 'inpatient_stay', dates: { discharge: '2024-05-01' } },
    eventKey: 'this',
    earlier: [],
  })
  expect(part).toMatchObject({ benefitFen: 0, refused: { code: 'figure_unknown', clause: 'art-2' } })
  expect(part?.refused && reasonText(part.refused)).toBe('条款文本没有载明“住院互助金”，算不出金额，请向发布单位核对。')
})

test('nothing is decided by a figure that is not known', () => {
  const edition = compile(text('', 'never'), clauses)
  expect(edition).toMatchObject({ ok: false, refused: { first: expect.stringContaining('never 还没有数值') } })
})
