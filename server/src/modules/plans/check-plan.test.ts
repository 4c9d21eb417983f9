import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { checkPlan, type FindingCode, mostJudgements, type PlanCheck } from './check-plan.ts'
import { compile } from './edition.ts'
import { examplesFrom, readExamples, readPlan } from './read-plan.ts'
import { triedOf } from './try-plan.ts'

const root = fileURLToPath(new URL('../../../../plans/', import.meta.url))
const folders = (await readdir(root, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

const inWords = (check: PlanCheck): string[] => [
  ...[...check.errors, ...check.warnings].map(({ code, at, zh }) => `${code} ${at} ${zh}`),
  ...check.outdated.map(({ warning }) => `outdated ${warning}`),
]

describe('every shipped edition', async () => {
  test.each(folders)('%s has nothing left to mend, and what it accepts it accepts with a reason', async (folder) => {
    const files = await readPlan(`${root}/${folder}`)
    const examples = await readExamples(`${root}/${folder}/examples.yaml`)
    if (!files.ok || !examples.ok) throw new Error(`${folder} is not understood`)
    const editions = files.value.map((each) => each.edition)
    for (const edition of editions) {
      const check = checkPlan(edition, triedOf(editions, edition, examples.value))
      expect(inWords(check)).toEqual([])
      expect(check.judgements).toBeLessThanOrEqual(mostJudgements + 5_000)
    }
  })
})

// One good edition that has something of everything; each defect below changes one thing of it.
const good = `
plan: good-plan
edition: 2026
title: 检查用的计划（示范）
issuer: 同舟示范互助会
kind: demonstration
source: { issuer: 同舟示范互助会, year: 2026, evidence: 示范 }
family: hospital
fund: hospital
in_force: { from: 2026-01-01, through: 2027-12-31 }
values:
  fee: { about: 互助费, unit: yuan, clause: art-1, value: { table: { 甲: 30.00, 乙: 60.00 } } }
  shares_max: { about: 最高份数, unit: count, clause: art-1, value: 2 }
  term_months: { about: 保障期限, unit: months, clause: art-1, value: 12 }
  grace: { about: 续保宽限, unit: days, clause: art-1, value: 30 }
  bands:
    about: 分段比例
    unit: percent
    clause: art-2
    value: { bands: [{ over: 1000, to: 5000, rate: 30% }, { over: 5000, rate: 50% }] }
    for: { hardship: { 2026-01-01: { clause: art-2, value: { bands: [{ over: 0, rate: 60% }] } } } }
  cap: { about: 年度最高, unit: yuan, clause: art-2, value: 20000.00 }
  per_day: { about: 每天津贴, unit: yuan, clause: art-3, value: { table: { 甲: 20.00, 乙: 40.00 } } }
  unpaid: { about: 前几天不给付, unit: days, clause: art-3, value: 3 }
  most_days: { about: 最多天数, unit: days, clause: art-3, value: 90 }
  severe: { about: 重症互助金, unit: yuan, clause: art-4, value: { table: { severe: 10000.00, mild: 3000.00 } } }
  waiting: { about: 等待期, unit: days, clause: art-4, value: 30 }
  reduced: { about: 减责期, unit: days, clause: art-4, value: 60 }
  condolence: { about: 慰问金, unit: yuan, clause: art-4, value: 500.00 }
  half: { about: 一半, unit: percent, clause: art-4, value: 50% }
  rest: { about: 另一半, unit: percent, clause: art-4, value: 50% }
  second: { about: 二次补助, unit: yuan, clause: art-5, value: { bands: [{ over: 20000, to: 50000, rate: 1000.00 }, { over: 50000, rate: 3000.00 }] } }
  claims: { about: 一期几次, unit: count, clause: art-5, value: 1 }
bases:
  self_pay: { about: 个人自付, clause: art-2, sum: { in_scope_self_pay: +1 } }
  remainder: { about: 补偿后余额, clause: art-5, sum: { in_scope_self_pay: +1, benefit_of_stay: -1 } }
lists:
  critical: { about: 重症目录, clause: art-4, source: ours, codes: { C34: 肺癌, C50: 乳腺癌 } }
classes:
  hardship: { about: 困难职工, clause: art-2, when: [{ fact: hardship, is: [yes] }] }
who: { clause: art-1 }
fee: { clause: art-1, per: person, amount: fee, by: option, shares_max: shares_max, options: [甲, 乙] }
term: { clause: art-1, months: term_months, starts: day_after_money_and_papers, grace_days: grace }
parts:
  - id: stay
    title: 住院补偿
    clause: art-2
    events: [inpatient_stay]
    key_date: discharge
    base: self_pay
    steps: [{ bands: bands, of: self_pay, rounding: down }, { at_most: cap, within: cover }]
    reviews: { levels: 1, decides: agency, clause: art-2 }
  - id: allowance
    title: 住院津贴
    clause: art-3
    events: [inpatient_stay]
    key_date: discharge
    steps: [{ per_day: per_day, by: option, days: inpatient, unpaid_days: unpaid, most_days: most_days }]
    reviews: { levels: 1, decides: agency, clause: art-3 }
  - id: severe
    title: 重症互助金
    clause: art-4
    events: [diagnosis]
    key_date: diagnosis
    conditions: [{ fact: diagnosis, on_list: critical }, { fact: severity, is: [severe, mild] }]
    waiting:
      not_when_continuous: yes
      windows:
        - { through_day: waiting, pays: nothing }
        - { through_day: reduced, pays: [{ amount: condolence }, { per_share: yes }], ends_cover: yes }
    steps: [{ table: severe, by: severity }, { per_share: yes }]
    borne_by: [{ fund: hospital, level: 市, share: half }, { fund: hospital, level: 区, share: rest }]
    reviews: { levels: 1, decides: agency, clause: art-4 }
  - id: second
    title: 二次补助
    clause: art-5
    events: [inpatient_stay]
    key_date: discharge
    base: remainder
    steps: [{ bracket: second, of: remainder }]
    claims_most: { value: claims, within: cover }
    reviews: { levels: 1, decides: agency, clause: art-5 }
`
const clauses = `
## art-1 参加
每人每年一次。
## art-2 住院补偿
分段给付。
## art-3 住院津贴
每天给付。
## art-4 重症
一次给付。
## art-5 二次补助
按余额给付。
`
const goodExamples = `
- { name: 不到一段, option: 甲, event: inpatient_stay, on: 2026-05-01, bill: { in_scope_self_pay: 900 }, days: { inpatient: 3 }, codes: { hardship: no }, benefit: 0.00, refused: nothing_payable }
- { name: 第一段, option: 甲, event: inpatient_stay, on: 2026-05-01, bill: { in_scope_self_pay: 5000 }, days: { inpatient: 5 }, codes: { hardship: no }, benefit: 1240.00 }
- { name: 第二段, option: 乙, event: inpatient_stay, on: 2026-05-01, bill: { in_scope_self_pay: 30000 }, days: { inpatient: 3 }, codes: { hardship: no }, benefit: 13700.00, parts: { stay: 13700.00 } }
- { name: 二次补助, option: 乙, event: inpatient_stay, on: 2026-05-01, bill: { in_scope_self_pay: 40000.01 }, days: { inpatient: 3 }, codes: { hardship: no }, benefit: 19700.00, parts: { second: 1000.00 } }
- { name: 二次补助高一档, option: 乙, event: inpatient_stay, on: 2026-05-01, bill: { in_scope_self_pay: 90000 }, days: { inpatient: 3 }, codes: { hardship: no }, benefit: 23000.00, parts: { second: 3000.00 } }
- { name: 等待期内, option: 甲, event: diagnosis, day_of_cover: 30, codes: { hardship: no, diagnosis: C34, severity: mild }, benefit: 0.00, refused: in_waiting_period }
- { name: 减责期内, option: 甲, event: diagnosis, day_of_cover: 60, codes: { hardship: no, diagnosis: C34, severity: mild }, benefit: 500.00 }
- { name: 减责期后, option: 甲, event: diagnosis, day_of_cover: 61, codes: { hardship: no, diagnosis: C34, severity: mild }, benefit: 3000.00 }
`

const checked = (text: string, exampleText: string, clauseText = clauses): PlanCheck => {
  const edition = compile(text, clauseText)
  if (!edition.ok) throw new Error(JSON.stringify(edition.refused))
  const examples = examplesFrom(exampleText)
  if (!examples.ok) throw new Error(String(examples.refused.first))
  return checkPlan(edition.value, triedOf([edition.value], edition.value, examples.value))
}
const withChange = (text: string, from: string, to: string): string => {
  expect(text).toContain(from)
  return text.replace(from, () => to)
}

test('the good plan has nothing that a check would find', () => {
  expect(inWords(checked(good, goodExamples))).toEqual([])
})

interface Defect {
  readonly what: string
  readonly change: readonly [from: string, to: string][]
  readonly code: FindingCode
  readonly at: string
  /** words that the counter-example must say */
  readonly says: RegExp
  readonly in?: 'examples' | 'clauses'
}
const last = '    reviews: { levels: 1, decides: agency, clause: art-5 }\n'
const defects: readonly Defect[] = [
  {
    what: 'a later band of the whole amount pays less: one fen more, less in hand',
    change: [
      ['bands: bands, of: self_pay', 'rate_of_band: bands, of: self_pay'],
      ['{ over: 5000, rate: 50% }', '{ over: 5000, rate: 20% }'],
    ],
    code: 'cliff',
    at: 'parts.stay',
    says: /5,000\.00 元，共领 1,500\.00 元；5,000\.01 元，共领 1,000\.00 元，反而少 500\.00 元/,
  },
  {
    what: 'a second tier on the remainder that falls',
    change: [['over: 50000, rate: 3000.00', 'over: 50000, rate: 300.00']],
    code: 'cliff',
    at: 'parts.second',
    says: /反而少 [67]\d\d\.\d\d 元/,
  },
  {
    what: 'a bracket that ends, so that the largest bills get nothing',
    change: [['over: 50000, rate: 3000.00', 'over: 50000, to: 90000, rate: 3000.00']],
    code: 'cliff',
    at: 'parts.second',
    says: /110,000\.00 元，共领 .*110,000\.01 元.*反而少 3,000\.00 元/,
  },
  {
    what: 'a table of days that pays fewer days for a longer stay',
    change: [
      [
        '{ per_day: per_day, by: option, days: inpatient, unpaid_days: unpaid, most_days: most_days }',
        '{ per_paid_day: each_day, paid_days: day_table, days: inpatient }',
      ],
      [
        '  unpaid: {',
        '  each_day: { about: 每天, unit: yuan, clause: art-3, value: 20.00 }\n  day_table: { about: 天数表, unit: days, clause: art-3, value: { paid_days: [{ over: 0, to: 10, days: actual }, { over: 10, days: 8 }] } }\n  unpaid: {',
      ],
    ],
    code: 'cliff',
    at: 'parts.allowance',
    says: /住院天数 10 天，共领 200\.00 元；11 天，共领 160\.00 元/,
  },
  {
    what: 'a minimum makes an indemnity pay more than the bill',
    change: [
      ['{ at_most: cap, within: cover }', '{ at_least: floor }, { at_most: cap, within: cover }'],
      ['  cap: {', '  floor: { about: 最低, unit: yuan, clause: art-2, value: 2000.00 }\n  cap: {'],
    ],
    code: 'benefit_above_cost',
    at: 'parts.stay',
    says: /花 0\.02 元，领 2,000\.00 元/,
  },
  {
    what: 'a cap above anything that the steps can give',
    change: [['{ table: severe, by: severity }', '{ table: severe, by: severity }, { at_most: cap, within: event }']],
    code: 'limit_never_binds',
    at: 'parts.severe.steps[1]',
    says: /年度最高 20,000\.00 元永远到不了.*最多给付 [12]0,000\.00 元/,
  },
  {
    what: 'most days that the money cap always forestalls',
    change: [
      ['most_days: most_days }]', 'most_days: most_days }, { at_most: day_cap, within: event }]'],
      ['  unpaid: {', '  day_cap: { about: 津贴最高, unit: yuan, clause: art-3, value: 1000.00 }\n  unpaid: {'],
      ['per_day: per_day, by: option,', 'per_day: one_day,'],
      [
        'value: { table: { 甲: 20.00, 乙: 40.00 } } }\n',
        'value: { table: { 甲: 20.00, 乙: 40.00 } } }\n  one_day: { about: 每天, unit: yuan, clause: art-3, value: 20.00 }\n',
      ],
    ],
    code: 'limit_never_binds',
    at: 'parts.allowance.steps[0]',
    says: /最多 90 天从不起作用：每天 20\.00 元，到第 50 天/,
  },
  {
    what: 'a minimum below everything',
    change: [['{ table: severe, by: severity }', '{ table: severe, by: severity }, { at_least: condolence }']],
    code: 'limit_never_binds',
    at: 'parts.severe.steps[1]',
    says: /慰问金 500\.00 元从不起作用/,
  },
  {
    what: 'several claims allowed where the first one ends the cover',
    change: [
      [
        '    borne_by: [',
        '    ends_cover: { when: yes }\n    claims_most: { value: shares_max, within: cover }\n    borne_by: [',
      ],
    ],
    code: 'limit_never_binds',
    at: 'parts.severe.claims_most',
    says: /最多 2 次，但第一次给付后保障就终止/,
  },
  {
    what: 'a class shadowed by an earlier one',
    change: [
      [
        'who: { clause: art-1 }',
        '  poorest: { about: 特困职工, clause: art-2, when: [{ fact: hardship, is: [yes] }, { fact: grade, is: [a] }] }\nwho: { clause: art-1 }',
      ],
      [
        'for: { hardship:',
        'for: { poorest: { 2026-01-01: { clause: art-2, value: { bands: [{ over: 0, rate: 70% }] } } }, hardship:',
      ],
    ],
    code: 'class_unreachable',
    at: 'classes.poorest',
    says: /都先属于“困难职工”，例如 .*困难职工 yes.*伤残等级 a/,
  },
  {
    what: 'a class whose conditions contradict each other',
    change: [
      ['when: [{ fact: hardship, is: [yes] }]', 'when: [{ fact: hardship, is: [yes] }, { fact: hardship, is: [no] }]'],
    ],
    code: 'class_unreachable',
    at: 'classes.hardship',
    says: /条件不能同时成立/,
  },
  {
    what: 'a part whose conditions exclude each other',
    change: [
      [
        '{ fact: severity, is: [severe, mild] }',
        '{ fact: severity, is: [severe, mild] }, { fact: severity, is_not: [severe, mild] }',
      ],
    ],
    code: 'part_unreachable',
    at: 'parts.severe',
    says: /没有一种情形能领到“重症互助金”：它的条件不能同时成立/,
  },
  {
    what: 'an exclusion that swallows a part',
    change: [['parts:\n', 'excludes: [{ fact: diagnosis, on_list: critical, clause: art-4 }]\nparts:\n']],
    code: 'part_unreachable',
    at: 'parts.severe',
    says: /都被 excludes 排除/,
  },
  {
    what: 'a part that another one always forestalls',
    change: [
      [
        last,
        `${last}  - id: extra
    title: 住院慰问
    clause: art-5
    events: [inpatient_stay]
    key_date: discharge
    base: self_pay
    not_with: { part: stay, within: event }
    steps: [{ bands: bands, of: self_pay, rounding: down }]
    reviews: { levels: 1, decides: agency, clause: art-5 }
`,
      ],
    ],
    code: 'not_with_always',
    at: 'parts.extra',
    says: /凡能领“住院慰问”的情形，都已按“住院补偿”给付/,
  },
  {
    what: 'a table without the row that a condition admits',
    change: [['is: [severe, mild]', 'is: [severe, mild, in_situ]']],
    code: 'table_without_row',
    at: 'parts.severe.steps[0]',
    says: /没有 in_situ 这一行.*得 0 元/,
  },
  {
    what: 'an option without a fee',
    change: [['options: [甲, 乙]', 'options: [甲, 乙, 丙]']],
    code: 'fee_without_row',
    at: 'fee.amount',
    says: /没有 丙 这一行/,
  },
  {
    what: 'waiting windows out of order',
    change: [
      ['about: 减责期, unit: days, clause: art-4, value: 60', 'about: 减责期, unit: days, clause: art-4, value: 30'],
    ],
    code: 'windows_out_of_order',
    at: 'parts.severe.waiting[1]',
    says: /第 2 段到第 30 天，前一段已到第 30 天/,
  },
  {
    what: 'waiting that outlasts the cover',
    change: [
      ['about: 减责期, unit: days, clause: art-4, value: 60', 'about: 减责期, unit: days, clause: art-4, value: 400'],
    ],
    code: 'waiting_beyond_term',
    at: 'parts.severe.waiting',
    says: /等待到第 400 天，而保障期只有 365 天/,
  },
  {
    what: 'a condolence that leaves the full sum to be claimed for the same illness',
    change: [[', ends_cover: yes }', ' }']],
    code: 'waiting_pays_twice',
    at: 'parts.severe.waiting[1]',
    says: /第 60 天领 500\.00 元，第 61 天同一种病又领/,
  },
  {
    what: 'a condolence above the full sum',
    change: [
      [
        'about: 慰问金, unit: yuan, clause: art-4, value: 500.00',
        'about: 慰问金, unit: yuan, clause: art-4, value: 5000.00',
      ],
    ],
    code: 'waiting_pays_more',
    at: 'parts.severe.waiting[1]',
    says: /第 60 天领 5,000\.00 元，晚一天（已过这一段）只领 3,000\.00 元/,
  },
  {
    what: 'cover said to end by a window that pays nothing',
    change: [['{ through_day: waiting, pays: nothing }', '{ through_day: waiting, pays: nothing, ends_cover: yes }']],
    code: 'ends_without_paying',
    at: 'parts.severe.waiting[0]',
    says: /从不生效/,
  },
  {
    what: 'continuity without a grace',
    change: [[', grace_days: grace }', ' }']],
    code: 'continuity_without_grace',
    at: 'parts.severe.waiting',
    says: /每个人续保都要重新等待/,
  },
  {
    what: 'an unequal benefit by sex that no clause says',
    change: [
      [
        '{ table: severe, by: severity }',
        '{ table: severe, by: severity }, { rate: by_sex, by: sex, of: amount, rounding: down }',
      ],
      [
        '  waiting: {',
        '  by_sex: { about: 比例, unit: percent, clause: art-4, value: { table: { F: 90%, M: 100% } } }\n  waiting: {',
      ],
    ],
    code: 'unequal_sex',
    at: 'parts.severe',
    says: /男职工领 .*，女职工领/,
  },
  {
    what: 'an unequal benefit by one day of age that no clause says',
    change: [
      [
        '{ fact: severity, is: [severe, mild] }',
        '{ fact: severity, is: [severe, mild] }, { fact: age, at_most: oldest }',
      ],
      ['  waiting: {', '  oldest: { about: 到几岁, unit: count, clause: art-4, value: 55 }\n  waiting: {'],
    ],
    code: 'unequal_age',
    at: 'parts.severe',
    says: /19\d\d-\d\d-\d\d 出生的人领 [\d,.]+ 元，19\d\d-\d\d-\d\d 出生的人领 0\.00 元/,
  },
  {
    what: 'bearers that do not make the whole',
    change: [
      [
        'about: 另一半, unit: percent, clause: art-4, value: 50%',
        'about: 另一半, unit: percent, clause: art-4, value: 40%',
      ],
    ],
    code: 'shares_not_whole',
    at: 'parts.severe.borne_by',
    says: /加起来是 90%/,
  },
  {
    what: 'a benefit per share where nobody has more than one',
    change: [
      [
        'about: 最高份数, unit: count, clause: art-1, value: 2',
        'about: 最高份数, unit: count, clause: art-1, value: 1',
      ],
    ],
    code: 'per_share_of_one',
    at: 'parts.severe',
    says: /每人最多只能参加一份/,
  },
  {
    what: 'two roundings in one part and no reading',
    change: [
      [
        '{ bands: bands, of: self_pay, rounding: down }',
        '{ bands: bands, of: self_pay, rounding: down }, { rate: half, of: amount, rounding: half-up }',
      ],
    ],
    code: 'rounding_mixed',
    at: 'parts.stay',
    says: /readings/,
  },
  {
    what: 'a figure that nothing uses',
    change: [[', unpaid_days: unpaid', '']],
    code: 'unused_value',
    at: 'values.unpaid',
    says: /前几天不给付/,
  },
  {
    what: 'a figure that begins after the edition has ended',
    change: [
      [
        'cap: { about: 年度最高, unit: yuan, clause: art-2, value: 20000.00 }',
        'cap: { about: 年度最高, unit: yuan, from: { 2026-01-01: { clause: art-2, value: 20000.00 }, 2028-01-01: { clause: art-2, value: 30000.00 } } }',
      ],
    ],
    code: 'value_after_end',
    at: 'values.cap',
    says: /2028-01-01 起的数值在版本到期（2027-12-31）之后/,
  },
  {
    what: 'a class whose figure begins later than the edition',
    change: [['hardship: { 2026-01-01:', 'hardship: { 2026-07-01:']],
    code: 'class_value_starts_late',
    at: 'values.bands.for.hardship',
    says: /2026-01-01 至 2026-06-30 没有写/,
  },
  {
    what: 'a figure that no day can use',
    change: [
      [
        'cap: { about: 年度最高, unit: yuan, clause: art-2, value: 20000.00 }',
        'cap: { about: 年度最高, unit: yuan, from: { 2025-01-01: { clause: art-2, value: 10000.00 }, 2026-01-01: { clause: art-2, value: 20000.00 } } }',
      ],
    ],
    code: 'day_without_value',
    at: 'values.cap',
    says: /2025-01-01 起的数值.*没有一天用得上/,
  },
  {
    what: 'a demonstration that does not say so in its title',
    change: [['title: 检查用的计划（示范）', 'title: 住院互助保障']],
    code: 'title_does_not_say',
    at: 'title',
    says: /名称“住院互助保障”里要写明/,
  },
  {
    what: 'a clause without words',
    change: [['## art-3 住院津贴\n每天给付。', '## art-3']],
    in: 'clauses',
    code: 'clause_empty',
    at: 'clauses.zh.md art-3',
    says: /没有文字/,
  },
  {
    what: 'an example that is worked otherwise',
    change: [['benefit: 1240.00', 'benefit: 1250.00']],
    in: 'examples',
    code: 'example_fails',
    at: 'examples 第一段',
    says: /应为 1250.*得到 1,240\.00/,
  },
  {
    what: 'an example that means a fact by a name slightly wrong, where it expects a refusal',
    change: [
      ['severity: mild }, benefit: 0.00, refused: in_waiting', 'severty: mild }, benefit: 0.00, refused: in_waiting'],
    ],
    in: 'examples',
    code: 'example_fails',
    at: 'examples 等待期内',
    says: /没有因 in_waiting_period 拒绝，得到 .*缺少 codes\.severity（例子里写的是 severty，你是不是想写 severity？）/,
  },
  {
    what: 'an example that takes more shares than there are',
    change: [['name: 第一段,', 'name: 第一段, shares: 9,']],
    in: 'examples',
    code: 'example_fails',
    at: 'examples 第一段',
    says: /例子写了 9 份，最多 2 份/,
  },
  {
    what: 'an example that tests nothing',
    change: [[', benefit: 0.00, refused: nothing_payable', ', benefit: 0.00']],
    in: 'examples',
    code: 'example_tests_nothing',
    at: 'examples 不到一段',
    says: /refused/,
  },
  {
    what: 'a waiting edge with no example on one side',
    change: [
      ['day_of_cover: 61', 'day_of_cover: 59'],
      ['benefit: 3000.00', 'benefit: 500.00'],
    ],
    in: 'examples',
    code: 'edge_without_example',
    at: 'parts.severe.waiting',
    says: /等待期之后/,
  },
  {
    what: 'a band that no example is in',
    change: [
      ['in_scope_self_pay: 90000', 'in_scope_self_pay: 41000'],
      ['benefit: 23000.00, parts: { second: 3000.00 }', 'benefit: 20200.00, parts: { second: 1000.00 }'],
    ],
    in: 'examples',
    code: 'edge_without_example',
    at: 'parts.second.steps[0]',
    says: /二次补助：没有一个例子在 50,000\.00 以上 这一段/,
  },
]

describe('a seeded defect is found, by its code, at its place, with its counter-example', () => {
  test.each(defects.map((defect) => [defect.what, defect] as const))('%s', (_, defect) => {
    let [text, examples, words] = [good, goodExamples, clauses]
    for (const [from, to] of defect.change)
      if (defect.in === 'examples') examples = withChange(examples, from, to)
      else if (defect.in === 'clauses') words = withChange(words, from, to)
      else text = withChange(text, from, to)
    const { errors, warnings } = checked(text, examples, words)
    const found = [...errors, ...warnings].filter(({ code, at }) => code === defect.code && at === defect.at)
    expect(
      found.map(({ zh }) => zh).join('\n'),
      [...errors, ...warnings].map((each) => `${each.code} ${each.at} ${each.zh}`).join('\n'),
    ).toMatch(defect.says)
  })

  test('there are at least as many as were promised', () => {
    expect(defects.length).toBeGreaterThanOrEqual(15)
  })
})

describe('what an edition accepts', () => {
  const unequal = withChange(good, 'over: 50000, rate: 3000.00', 'over: 50000, rate: 300.00')
  const accepting = (warning: string) =>
    `${unequal}accepted_warnings: [{ warning: ${warning}, reason: 公开的规则就是这样 }]\n`
  const examples = withChange(goodExamples, 'benefit: 23000.00, parts: { second: 3000.00 }', 'benefit: 20300.00')

  test.each(['cliff', 'cliff parts.second'])('"%s" is shown with its reason, and no longer a warning', (warning) => {
    const check = checked(accepting(warning), examples)
    expect(inWords(check)).toEqual([])
    expect(check.accepted.map(({ code, reason }) => [code, reason])).toEqual([['cliff', '公开的规则就是这样']])
  })

  test('at another place it is not accepted, and told to be outdated', () => {
    const check = checked(accepting('cliff parts.stay'), examples)
    expect(check.warnings.map(({ code }) => code)).toEqual(['cliff'])
    expect(check.outdated.map(({ warning }) => warning)).toEqual(['cliff parts.stay'])
  })

  test('an error cannot be accepted', () => {
    const short = withChange(
      good,
      '另一半, unit: percent, clause: art-4, value: 50%',
      '另一半, unit: percent, clause: art-4, value: 40%',
    )
    const check = checked(
      `${short}accepted_warnings: [{ warning: shares_not_whole, reason: 就是这样 }]\n`,
      goodExamples,
    )
    expect(check.errors.map(({ code }) => code)).toEqual(['shares_not_whole'])
  })
})

test('the same plan is found wanting in the same way every time', () => {
  const text = withChange(good, 'over: 50000, rate: 3000.00', 'over: 50000, rate: 300.00')
  expect(checked(text, goodExamples)).toEqual(checked(text, goodExamples))
})
