import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { assess } from './assess.ts'
import { counterfactuals } from './counterfactual.ts'
import { compile, type Edition } from './edition.ts'
import { type Case, dayCount, type Earlier } from './facts.ts'
import { judge } from './judge.ts'
import { recordOfDecision, replay } from './replay.ts'

// What the guide's examples do not reach: windows and their edges, history of other plans, what is not known.

const base = parse(
  `
plan: sample
edition: 2026
title: 示例（由我们设计，待核对）
issuer: 示范
kind: ours
source: { issuer: 示范, year: 2026, evidence: 由我们设计 }
family: hospital
fund: sample
in_force: { from: 2026-01-01 }
values:
  fee: { about: 互助费, unit: yuan, value: 50.00, clause: art-2 }
  one: { about: 份数, unit: count, value: 5, clause: art-2 }
  months: { about: 期限, unit: months, value: 12, clause: art-3 }
  cap: { about: 限额, unit: yuan, value: 1000.00, clause: art-4 }
  ninety: { about: 九十天, unit: days, value: 90, clause: art-4 }
  half: { about: 一半, unit: percent, value: 50%, clause: art-4 }
bases: { own: { about: 自付, clause: art-4, sum: { own: +1 } } }
who: { clause: art-1 }
fee: { clause: art-2, per: share, amount: fee, shares_max: one }
term: { clause: art-3, months: months, starts: day_after_money_and_papers }
parts: []
`,
  { schema: 'failsafe' },
) as Record<string, unknown>
const clauses = [1, 2, 3, 4, 5].map((n) => `## art-${n} 条款\n`).join('')

const editionWith = (part: string, more = ''): Edition => {
  const given = parse(more || '{}', { schema: 'failsafe' }) as Record<string, unknown>
  const whole = { id: 'part', title: '部分', clause: 'art-4', events: ['inpatient_stay'], key_date: 'discharge' }
  const parts = (parse(part, { schema: 'failsafe' }) as Record<string, unknown>[]).map((each) => ({
    ...whole,
    reviews: { levels: '1', decides: 'office' },
    ...each,
  }))
  const values = { ...(base.values as object), ...((given.values as object) ?? {}) }
  const compiled = compile(stringify({ ...base, ...given, values, parts }), clauses)
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.refused))
  return compiled.value
}
const stay = (
  over: Partial<Case['event']> = {},
  earlier: Partial<Earlier>[] = [],
  cover: Partial<Case['cover']> = {},
): Case => ({
  cover: { coverId: 1, from: '2026-01-01', until: '2027-01-01', shares: 1, continuous: false, ...cover },
  event: { kind: 'inpatient_stay', dates: { discharge: '2026-07-10' }, bill: { own: 100_000 }, ...over },
  eventKey: 'now',
  earlier: earlier.map((each, i) => ({
    coverId: 1,
    plan: 'sample',
    part: 'part',
    eventKey: `e${i}`,
    keyOn: '2026-06-01',
    benefitFen: 40_000,
    endsCover: false,
    ...each,
  })),
})
const paid = (edition: Edition, facts: Case): number =>
  assess(edition, facts).reduce((sum, each) => sum + each.benefitFen, 0)

test('a cap counts within its window: the calendar year, the insurance year, the last days, a life', () => {
  const within = (window: string, more = '') =>
    editionWith(`[{ steps: [{ from: own }, { at_most: cap, within: ${window} }] }]`, more)
  const last = [{ keyOn: '2025-12-31', coverId: 9 }]
  expect(paid(within('calendar_year'), stay({}, last))).toBe(100_000)
  expect(paid(within('calendar_year'), stay({}, [{ keyOn: '2026-01-01', coverId: 9 }]))).toBe(60_000)
  expect(paid(within('life'), stay({}, last))).toBe(60_000)
  const insured = 'insurance_year: { starts: 07-01, clause: art-4 }'
  expect(paid(within('insurance_year', insured), stay({}, [{ keyOn: '2026-06-30' }]))).toBe(100_000)
  expect(paid(within('insurance_year', insured), stay({}, [{ keyOn: '2026-07-01' }]))).toBe(60_000)
  expect(paid(within('{ last_days: ninety }'), stay({}, [{ keyOn: '2026-04-11' }]))).toBe(60_000) // the ninetieth day before
  expect(paid(within('{ last_days: ninety }'), stay({}, [{ keyOn: '2026-04-10' }]))).toBe(100_000)
})

test('a cap over several plans counts theirs, and what this event already gives under this one', () => {
  const edition = editionWith(
    `[{ id: first, steps: [{ rate: half, of: own, rounding: down }] }, { id: part, steps: [{ from: own }, { at_most: cap, within: cover, over: { plans: [sample, other] } }] }]`,
  )
  const judged = assess(edition, stay({}, [{ plan: 'other', part: 'x', benefitFen: 20_000 }]))
  expect(judged.map((each) => each.benefitFen)).toEqual([50_000, 30_000])
})

test('what was decided of the same event before does not count twice when the event is judged again', () => {
  const edition = editionWith(
    `[{ id: first, steps: [{ rate: half, of: own, rounding: down }] }, { id: part, steps: [{ from: own }, { at_most: cap, within: cover, over: plan }] }]`,
  )
  const again = stay({}, [{ part: 'first', eventKey: 'now', benefitFen: 50_000 }])
  expect(assess(edition, again).map((each) => each.benefitFen)).toEqual([50_000, 50_000])
})

test('stays of one cause shortly after each other are judged as one, in a chain; the difference is paid', () => {
  const edition = editionWith(
    `[{ gathered_over: { same_cause_within_days: ninety }, steps: [{ per_paid_day: day, paid_days: days, days: inpatient }], claims_most: { value: two, within: cover } }]`,
    `values: { day: { about: 每天, unit: yuan, value: 80.00, clause: art-4 }, two: { about: 次数, unit: count, value: 2, clause: art-4 }, days: { about: 天数, unit: days, clause: art-4, value: { paid_days: [{ over: 0, to: 10, days: actual, most: 5 }, { over: 10, days: 7 }] } } }`,
  )
  const chain = [
    { keyOn: '2026-01-10', startedOn: '2026-01-06', cause: 'a', days: { inpatient: 4 }, benefitFen: 32_000 },
    { keyOn: '2026-04-05', startedOn: '2026-04-02', cause: 'a', days: { inpatient: 3 }, benefitFen: 8_000 },
  ]
  const facts = stay(
    { dates: { admission: '2026-07-04', discharge: '2026-07-08' }, days: { inpatient: 4 }, codes: { same_cause: 'a' } },
    chain,
  )
  expect(paid(edition, facts)).toBe(7 * 8_000 - 40_000)
  // of another cause, it is the second claim, and the chain before it was one
  expect(paid(edition, { ...facts, event: { ...facts.event, codes: { same_cause: 'b' } } })).toBe(4 * 8_000)
  // ninety-one days after the stay before, the chain is broken
  const late = stay(
    { dates: { admission: '2026-07-05', discharge: '2026-07-08' }, days: { inpatient: 4 }, codes: { same_cause: 'a' } },
    chain,
  )
  expect(paid(edition, late)).toBe(4 * 8_000)
})

test('another plan that paid for the same event excludes this one; for another event it does not', () => {
  const edition = editionWith(`[{ steps: [{ from: own }], not_with: { plan: other, within: event } }]`)
  expect(assess(edition, stay({}, [{ plan: 'other', eventKey: 'now' }]))[0]?.refused?.code).toBe(
    'paid_under_other_plan',
  )
  expect(paid(edition, stay({}, [{ plan: 'other' }]))).toBe(100_000)
})

test('a condition known to fail refuses at once; only where all others hold is the unknown one asked for', () => {
  const edition = editionWith(
    `[{ conditions: [{ fact: unknown, is: [x] }, { fact: severity, is: [severe] }], steps: [{ from: own }] }]`,
  )
  expect(assess(edition, stay({ codes: { severity: 'mild' } }))[0]).toMatchObject({
    refused: { code: 'condition_not_met' },
    missing: [],
  })
  expect(assess(edition, stay({ codes: { severity: 'severe' } }))[0]).toMatchObject({
    refused: null,
    missing: ['codes.unknown'],
  })
})

test('a part that was ended pays no more in this cover, the others do; events may count from before the start', () => {
  const edition = editionWith(
    `[{ id: mild, steps: [{ from: own }] }, { id: part, steps: [{ from: own }] }]`,
    'term: { clause: art-3, months: months, starts: day_after_money_and_papers, events_count_from: 2025-10-01 }',
  )
  const judged = assess(edition, stay({}, [{ endsParts: ['mild'] }]))
  expect(judged.map((each) => [each.refused?.code ?? null, each.benefitFen])).toEqual([
    ['part_ended', 0],
    [null, 100_000],
  ])
  expect(paid(edition, stay({ dates: { discharge: '2025-10-01' } }))).toBe(200_000)
  expect(paid(edition, stay({ dates: { discharge: '2025-09-30' } }))).toBe(0)
})

test('an amount beyond any bill is refused, not rounded', () => {
  const edition = editionWith(`[{ steps: [{ from: own }, { per_share: yes }] }]`)
  expect(assess(edition, stay({ bill: { own: 900_000_000_001 } }))[0]?.refused?.code).toBe('amount_too_large')
  expect(assess(edition, stay({ bill: { own: 900_000_000_000 } }, [], { shares: 2 }))[0]?.refused?.code).toBe(
    'amount_too_large',
  )
})

test('beside a refusal in waiting stands what the first day after it gives; beside a benefit, what is left', () => {
  const edition = editionWith(
    `[{ waiting: { windows: [{ through_day: ninety, pays: nothing }] }, steps: [{ from: own }, { at_most: cap, within: cover }] }]`,
  )
  const early = stay({ dates: { discharge: '2026-03-31' } })
  const [refused] = assess(edition, early)
  expect(refused?.refused).toMatchObject({ code: 'in_waiting_period', facts: { day: 90, through: 90 } })
  expect(refused && counterfactuals(edition, early, refused)[0]?.text).toContain('2026-04-01')
  const now = stay({ bill: { own: 30_000 } }, [{ benefitFen: 50_000 }])
  const [given] = assess(edition, now)
  expect(given && counterfactuals(edition, now, given)[0]?.text).toContain('还剩 200.00 元')
})

test('a record is replayed after a journey through JSON; one fen or one fact changed is found', () => {
  const edition = editionWith(
    `[{ steps: [{ bands: bands, of: own, rounding: half-up }] }]`,
    `values: { bands: { about: 分段, unit: percent, clause: art-4, value: { bands: [{ over: 0, rate: 33.33% }] } } }`,
  )
  const facts = stay()
  const [assessment] = assess(edition, facts)
  if (!assessment) throw new Error('nothing judged')
  const text = stringify({ ...base, values: {}, parts: [] })
  expect(replay(recordOfDecision({ sha256: '', text, clauses }, facts, assessment)).ok).toBe(false) // another edition's text
  expect(judge(edition, facts)[0]?.benefitFen).toBe(33_330)
})

test('days are counted as the calendar counts them, over leap years and centuries', () => {
  for (const [from, to] of [
    ['2024-02-28', '2024-03-01'],
    ['2026-02-28', '2026-03-01'],
    ['1999-12-31', '2000-01-01'],
    ['2000-02-28', '2000-03-01'],
    ['1900-02-28', '1900-03-01'],
  ] as const)
    expect(dayCount(to) - dayCount(from)).toBe((Date.parse(to) - Date.parse(from)) / 86_400_000)
})
