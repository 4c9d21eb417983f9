import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Edition } from './edition.ts'
import { type Band, isBands } from './figures.ts'
import type { families, PartText, StepText } from './language.ts'
import { readPlans } from './read-plan.ts'

// docs/reference/shapes.md says which plan shows which shape; a row that names a plan without the construct, or a shape
// without a plan, is found here.
const root = fileURLToPath(new URL('../../../../', import.meta.url))
const page = await readFile(`${root}docs/reference/shapes.md`, 'utf8')
const rows = [...page.matchAll(/^\| (?!---)(\S+) \| ([^|]+) \| ([a-z0-9, -]+) \| ([^|]+) \|$/gm)].map((row) => ({
  shape: row[1] ?? '',
  plans: (row[3] ?? '').split(', '),
}))
const read = await readPlans(`${root}plans`)
if (!read.ok) throw new Error(String(read.refused.first))
const editions = read.value.map((file) => file.edition)

type Step<K extends string> = Extract<StepText, Record<K, unknown>>
const has = <K extends string>(part: PartText, kind: K, also: (step: Step<K>) => boolean = () => true): boolean =>
  part.steps.some((step) => kind in step && also(step as Step<K>))
/** A part that keeps several promises at once: the construct stands in one place, not scattered over the edition. */
const part = (found: (part: PartText, edition: Edition) => boolean) => (edition: Edition) =>
  edition.parts.some((each) => found(each, edition))
const bandsOf = (edition: Edition, name: string): readonly Band[] => {
  const value = edition.values[name]?.dated[0]?.value
  return value !== undefined && isBands(value) ? value : []
}
const goes = (wanted: 'up' | 'down' | 'both') => (edition: Edition, name: string) => {
  const rates = bandsOf(edition, name).map((band) => band.rate)
  const [up, down] = [
    rates.some((rate, i) => rate > (rates[i - 1] ?? rate)),
    rates.some((rate, i) => rate < (rates[i - 1] ?? rate)),
  ]
  return wanted === 'both' ? up && down : wanted === 'up' ? up && !down : down && !up
}
const takes = (edition: Edition, base: string | undefined, field: string, weight?: string): boolean =>
  Object.entries(edition.bases[base ?? '']?.sum ?? {}).some(
    ([name, said]) => name.startsWith(field) && (weight === undefined || said === weight),
  )
const waits = (found: (waiting: NonNullable<PartText['waiting']>) => boolean) =>
  part((each) => each.waiting !== undefined && found(each.waiting))

const shows: Readonly<Record<string, (edition: Edition) => boolean>> = {
  1: part((p, e) => has(p, 'bands', (s) => goes('up')(e, s.bands)) && has(p, 'at_most')),
  2: part((p, e) => has(p, 'bands', (s) => goes('both')(e, s.bands)) && has(p, 'at_least')),
  3: part((p, e) => has(p, 'bands', (s) => goes('down')(e, s.bands))),
  4: part((p, e) => has(p, 'bands', (s) => (bandsOf(e, s.bands)[0]?.over ?? 0) > 0)),
  5: part((p) => has(p, 'rate') && p.claims_most !== undefined && has(p, 'at_most', (s) => s.within === 'cover')),
  6: part(
    (p, e) =>
      has(p, 'rate') &&
      has(p, 'less', (s) => s.by === 'nth' && Object.keys(e.values[s.less]?.classes ?? {}).length > 0),
  ),
  7: part((p) => p.gathered_over === 'cover' && has(p, 'less')),
  8: part(
    (p, e) =>
      has(p, 'rate', (s) => s.by === 'hospital_level' && takes(e, s.of, 'pooled_fund_paid')) && has(p, 'at_least'),
  ),
  9: part((p, e) => has(p, 'rate', (s) => takes(e, s.of, 'in_scope_total'))),
  10: (e) =>
    part((p) => has(p, 'table', (s) => s.by === 'nth'))(e) &&
    part((p) => has(p, 'rate', (s) => s.by === 'nth'))(e) &&
    part((p) => has(p, 'at_most', (s) => s.over === 'plan'))(e),
  11: part((p) => has(p, 'per_day', (s) => s.unpaid_days !== undefined)),
  12: part((p) => has(p, 'per_paid_day') && typeof p.gathered_over === 'object'),
  13: waits(
    ({ windows }) =>
      windows.some((each) => each.pays === 'nothing') &&
      windows.some((each) => each.pays !== 'nothing' && each.ends_cover),
  ),
  14: (e) =>
    part((p) => has(p, 'table', (s) => s.by === 'severity'))(e) ||
    e.parts.filter((p) => p.conditions.some((each) => 'on_list' in each || ('is' in each && each.fact === 'severity')))
      .length > 1,
  15: part((p) => has(p, 'table', (s) => s.by === 'operation_class')),
  16: part((p) => has(p, 'table', (s) => s.by === 'grade')),
  17: part((p) => has(p, 'bracket')),
  18: part((p, e) => takes(e, p.base, 'benefit', '-1')),
  19: part((p) => p.events.includes('property_loss') && has(p, 'rate') && has(p, 'at_most')),
  20: (e) => e.principal !== undefined,
  21: part((p) => p.events.includes('death') && has(p, 'top_up_to')),
  22: part((p, e) => p.events.includes('year_closed') && has(p, 'rate', (s) => e.values[s.rate]?.awaits !== null)),
  23: part((p, e) => takes(e, p.base, 'receipts', '+1') && takes(e, p.base, 'other_union_paid', '-1')),
  分期一: part((p) => p.events.includes('age_reached') && p.schedule?.lasts === 'for_life'),
  分期二: part((p) => p.events.includes('age_reached') && p.schedule?.times !== undefined),
  分期三: part((p) => p.events.includes('job_loss') && p.schedule?.while !== undefined),
  分期四: part((p) => p.schedule?.steps_give === 'whole' && has(p, 'less_paid')),
  跨期: part((p) => has(p, 'share_in_cover')),
  议定: part((p) => has(p, 'chosen_from')),
  提前退出: (e) => e.principal?.early_leaver !== undefined,
  首次等待: waits((waiting) => waiting.only_first_enrolment),
  晚开始: (e) => e.term.first_timers_wait_days !== undefined,
  按月: (e) => e.fee.per === 'month' && e.term.starts === 'open' && e.fee.arrears !== undefined,
  名单: (e) => e.term.starts === 'register_day',
  半年: (e) => e.fee.part_of_term?.by === 'half',
  档次: (e) => e.fee.options.length > 1,
  平均年龄: (e) => e.fee.items.some((item) => item.band_of === 'group_average_age'),
  高危: (e) => e.fee.items.some((item) => item.when.some((each) => 'fact' in each && each.fact === 'risk_class')),
  承担: (e) => e.fee.payers.length > 1,
  最低自付: (e) => e.fee.member_pays_at_least !== undefined,
  免费: (e) => e.fee.free_for.length > 0,
  比例按单位: (e) => e.group?.ratio_by === 'unit_kind',
  全员: (e) => e.group?.all_if_under !== undefined,
  互斥: (e) => e.who.excludes_plans.length > 0,
  不兼得: part((p) => p.not_with !== undefined),
  按受益人: part((p) => p.claims_most?.per === 'beneficiary'),
  或者: (e) => e.who.conditions.some((each) => 'any' in each),
  承担给付: part((p) => p.borne_by.length > 1),
  付给工会: part((p) => p.payee === 'union_account'),
  除外: (e) => e.excludes.length > 0,
  未知: (e) => Object.values(e.values).some((value) => value.unknown),
}

test.each(rows.map((row) => [row.shape, row] as const))(
  'shape %s is shown by each plan that its row names',
  (shape, row) => {
    const shown = shows[shape]
    if (!shown) throw new Error(`no test knows the shape ${shape}`)
    for (const name of row.plans) {
      const its = editions.filter((edition) => edition.plan === name)
      expect(its.map((edition) => edition.plan)).toContain(name)
      expect(`${name}: ${its.every(shown)}`).toBe(`${name}: true`)
    }
  },
)

test('every shape and rule has its row, once', () => {
  expect(rows.map((row) => row.shape).toSorted()).toEqual(Object.keys(shows).toSorted())
})

test('every family of products has a plan, and what no published text shows says that it is designed by us', () => {
  for (const family of [
    'hospital',
    'critical',
    'women',
    'accident',
    'work_injury',
    'allowance',
    'pension',
    'unemployment',
    'property',
  ] as const satisfies readonly (typeof families)[number][])
    expect(editions.some((edition) => edition.family === family) ? '' : family).toBe('')
  const ours = editions.filter((edition) => edition.kind === 'ours')
  expect(ours.length).toBeGreaterThan(0)
  for (const edition of ours) {
    expect(edition.title).toContain('由我们设计，待核对')
    for (const value of Object.values(edition.values))
      for (const figure of value.dated)
        expect(`${edition.plan}.${value.name} ${figure.ours}`).toBe(`${edition.plan}.${value.name} true`)
  }
})

test('what a published edition lacks keeps it closed; at least twenty-four are shipped', () => {
  const published = editions.filter((edition) => edition.kind === 'published')
  expect(published.length).toBeGreaterThanOrEqual(24)
  for (const edition of published) expect(`${edition.plan} ${edition.missing.length > 0}`).toBe(`${edition.plan} true`)
})
