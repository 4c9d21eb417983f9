import { checkExamples } from './check-examples.ts'
import { checkFigures } from './check-figures.ts'
import { checkSpace } from './check-space.ts'
import type { Edition } from './edition.ts'
import { Probe } from './probe.ts'
import type { Tried } from './try-plan.ts'

/** What plan check can find, by a code that stays the same: an edition that accepts a finding names it by this. */
export const findings = {
  day_without_value: { accept: false, zh: '有的日子没有数值，或数值永远用不上' },
  class_value_starts_late: { accept: false, zh: '某类人的数值开始得比版本晚' },
  windows_out_of_order: { accept: false, zh: '等待期各段次序不对，有一段到不了' },
  shares_not_whole: { accept: false, zh: '各方承担的比例加起来不是全部' },
  clause_empty: { accept: false, zh: '引用的条款没有文字' },
  fee_without_row: { accept: true, zh: '有的人查不到互助费' },
  example_fails: { accept: false, zh: '例子算出来的不是它写的' },
  value_after_end: { accept: true, zh: '数值在版本到期以后才开始' },
  table_without_row: { accept: true, zh: '对照表缺一行' },
  class_unreachable: { accept: true, zh: '没有人会属于这一类' },
  part_unreachable: { accept: true, zh: '这一部分没有人领得到' },
  not_with_always: { accept: true, zh: '总是被另一部分排除' },
  cliff: { accept: true, zh: '多花一分钱或多住一天，领到的反而少' },
  benefit_above_cost: { accept: true, zh: '补偿的钱多于花的钱' },
  limit_never_binds: { accept: true, zh: '限额永远用不上' },
  unequal_sex: { accept: true, zh: '其他都一样，只因性别不同而不同' },
  unequal_age: { accept: true, zh: '其他都一样，只因大一天而不同' },
  waiting_never_bites: { accept: true, zh: '等待期对这些事件从不起作用' },
  waiting_beyond_term: { accept: true, zh: '等待期比保障期还长' },
  waiting_pays_twice: { accept: true, zh: '等待期内领过，等待期后还能再领同一种病' },
  waiting_pays_more: { accept: true, zh: '等待期内反而领得多' },
  ends_without_paying: { accept: true, zh: '写了终止，但不给付就不会终止' },
  continuity_without_grace: { accept: true, zh: '续保免等待，但没有写续保宽限' },
  per_share_of_one: { accept: true, zh: '按份给付，但最多只有一份' },
  rounding_mixed: { accept: true, zh: '同一部分里有的四舍五入、有的舍去' },
  unused_value: { accept: true, zh: '写了数值却没有用到' },
  unused_base: { accept: true, zh: '写了基数却没有用到' },
  unused_list: { accept: true, zh: '写了目录却没有用到' },
  unused_class: { accept: true, zh: '写了人员类别却没有用到' },
  title_does_not_say: { accept: true, zh: '示范或自拟的计划，名称里没有写明' },
  part_without_example: { accept: true, zh: '这一部分没有给付的例子' },
  example_tests_nothing: { accept: true, zh: '例子没有验证任何部分' },
  edge_without_example: { accept: true, zh: '一条界线有一边没有例子' },
} as const satisfies Record<string, { accept: boolean; zh: string }>
export type FindingCode = keyof typeof findings

/** One thing found: its code, its place, and in words what is wrong, with the smallest case that shows it. */
export interface Finding {
  readonly code: FindingCode
  readonly at: string
  readonly zh: string
}
export type Report = (code: FindingCode, at: string, zh: string) => void

export interface PlanCheck {
  /** cannot be accepted */
  readonly errors: readonly Finding[]
  /** must be mended, or accepted in the edition with a reason */
  readonly warnings: readonly Finding[]
  readonly accepted: readonly (Finding & { readonly reason: string })[]
  /** accepted in the edition, but no longer found: to be taken out */
  readonly outdated: readonly { readonly warning: string; readonly reason: string }[]
  readonly judgements: number
}

/** So many judgements an edition is looked over with at most; the same ones every time. */
export const mostJudgements = 20_000

/** A warning is accepted by its code, or by its code and place: `cliff parts.inpatient`; a place also means what is below it. */
const accepts = (warning: string, finding: Finding): boolean => {
  const [code, ...place] = warning.trim().split(' ')
  const at = place.join(' ')
  return (
    code === finding.code &&
    (at === '' || finding.at === at || finding.at.startsWith(`${at}.`) || finding.at.startsWith(`${at}[`))
  )
}

/**
 * Looks for what a plan would be ashamed of: over its text, its figures of all days, its examples, and the space of cases
 * that may ever meet it. Pure; the same findings every time.
 */
export const checkPlan = (edition: Edition, tried: readonly Tried[]): PlanCheck => {
  const found: Finding[] = []
  const seen = new Set<string>()
  const report: Report = (code, at, zh) => {
    const key = `${code} ${at} ${zh}`
    if (!seen.has(key)) found.push({ code, at, zh })
    seen.add(key)
  }
  const probe = new Probe(edition, mostJudgements)
  checkFigures(edition, report)
  checkSpace(probe, tried, report)
  checkExamples(edition, tried, report)

  const errors = found.filter(({ code }) => !findings[code].accept)
  const open = found.filter(({ code }) => findings[code].accept)
  const reasonFor = (finding: Finding) =>
    edition.accepted_warnings.find(({ warning }) => accepts(warning, finding))?.reason
  return {
    errors,
    warnings: open.filter((finding) => reasonFor(finding) === undefined),
    accepted: open.flatMap((finding) => {
      const reason = reasonFor(finding)
      return reason === undefined ? [] : [{ ...finding, reason }]
    }),
    outdated: edition.accepted_warnings.filter(({ warning }) => !open.some((finding) => accepts(warning, finding))),
    judgements: probe.judgements,
  }
}
