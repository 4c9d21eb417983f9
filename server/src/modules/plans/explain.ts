import { chineseDay, day } from '#kernel/days.ts'
import { yuan } from '#kernel/money.ts'
import type { Assessment, Parameter, Reason, Record_ } from './assess.ts'
import type { Edition } from './edition.ts'

/** One line of an explanation, with the clause it stands on. */
export interface Line {
  readonly text: string
  readonly clause: string
  /** a figure of this line was set by us and is to be checked */
  readonly ours: boolean
}

const percent = (points: number): string => `${points / 100}%`
const money = (amount: number): string => `${yuan(amount)} 元`

const shown = (parameter: Parameter | undefined): string => {
  if (!parameter || typeof parameter.value !== 'number') return ''
  if (parameter.unit === 'yuan') return money(parameter.value)
  if (parameter.unit === 'percent') return percent(parameter.value)
  return `${parameter.value}${parameter.unit === 'days' ? ' 天' : ''}`
}

const sentence = (edition: Edition, record: Record_): string => {
  const [first, second, third] = record.parameters
  const { inputs, result } = record
  const [input] = Object.entries(inputs)
  const nameOf = (name: string | undefined): string =>
    name === undefined || name === 'amount' ? '上一步金额' : (edition.bases[name]?.about ?? name)
  switch (record.step) {
    case 'amount':
      return `${first?.about}：${money(result)}`
    case 'bands':
      return `${nameOf(input?.[0])} ${money(input?.[1] ?? 0)}，分段计算：${
        (record.slices ?? [])
          .map(
            (slice) =>
              `${yuan(slice.over)}${slice.to ? `–${yuan(slice.to)}` : ' 以上'} 这一段 ${yuan(slice.part)} × ${percent(slice.rate)} = ${yuan(slice.gives)}`,
          )
          .join('；') || '没有达到第一段'
      }；合计 ${money(result)}`
    case 'rate':
      return `${nameOf(input?.[0])} ${money(input?.[1] ?? 0)} × ${shown(first)} = ${money(result)}`
    case 'less':
      return `${money(inputs.amount ?? 0)} 扣除${first?.about} ${shown(first)}，余 ${money(result)}`
    case 'per_day':
      return `住院 ${inputs.days} 天${
        second
          ? `，${[second, third]
              .filter(Boolean)
              .map((each) => `${each?.about} ${shown(each)}`)
              .join('，')}`
          : ''
      }，按 ${inputs.paid_days} 天 × ${shown(first)} = ${money(result)}`
    case 'table':
    case 'bracket':
      return `${first?.about}：对应 ${money(result)}`
    case 'per_share':
      return `${money(inputs.amount ?? 0)} × ${inputs.shares} 份 = ${money(result)}`
    case 'at_least':
      return result > (inputs.amount ?? 0)
        ? `不足${first?.about} ${shown(first)}，按 ${money(result)}`
        : `不低于${first?.about} ${shown(first)}，不用补足`
    case 'at_most':
      return result < (inputs.amount ?? 0)
        ? `${first?.about} ${shown(first)}${inputs.used ? `，此前已付 ${money(inputs.used)}，还剩 ${money(inputs.left ?? 0)}` : ''}，按 ${money(result)}`
        : `没有超过${first?.about} ${shown(first)}`
    default:
      return `累计应付 ${money(inputs.amount ?? 0)}，减去此前 ${inputs.claims} 次已付 ${money(inputs.paid_before ?? 0)}，本次 ${money(result)}`
  }
}

const factNames: Readonly<Record<string, string>> = {
  'bill.total': '医疗总费用',
  'bill.in_scope_self_pay': '医保范围内个人自付金额',
  'days.inpatient': '住院天数',
  'codes.hospital_level': '医院等级',
  'codes.diagnosis': '诊断编码',
  'codes.severity': '病情程度（重症、原位癌等）',
  'codes.cause': '原因（疾病、意外）',
  'codes.operation': '手术',
  'codes.outcome': '意外结果（身故、伤残）',
  'dates.admission': '入院日期',
  'dates.discharge': '出院日期',
  'dates.diagnosis': '确诊日期',
  'dates.pathology': '病理报告日期',
  'dates.accident': '事故发生日期',
  'dates.settlement': '医保结算日期',
}
export const factName = (fact: string): string => factNames[fact] ?? fact

/** Why nothing is paid, in a sentence that also says what may be done. */
export const reasonText = (reason: Reason): string => {
  const facts = reason.facts
  const on = (value: unknown) => chineseDay(day(String(value)))
  switch (reason.code) {
    case 'outside_cover':
      return `事件日期 ${on(facts.on)} 不在保障期内（保障期自 ${on(facts.from)} 起，到期日为 ${on(facts.until)} 的前一天）。`
    case 'cover_ended':
      return `这份保障已因 ${on(facts.on)} 的给付而终止。`
    case 'condition_not_met':
      return `${factName(`codes.${facts.fact}`)}为“${facts.given}”，不属于本项保障的范围。若材料能证明是其他情况，请提交材料申请复核。`
    case 'in_waiting_period':
      return `${on(facts.on)} 是保障生效后的第 ${facts.day} 天，前 ${facts.through} 天（含第 ${facts.through} 天）是等待期，不给付。`
    case 'illness_paid_before':
      return '同一种疾病以前已经给付过，续保后也不再给付；其他疾病不受影响。'
    case 'claims_used_up':
      return `本项最多给付 ${facts.limit} 次，已给付 ${facts.used} 次。`
    case 'paid_under_other_part':
      return `已按“${facts.part}”给付，本项不重复给付。`
    case 'nothing_left':
      return `本保障期内这一项的限额已用完${Number(facts.paidBeforeFen) > 0 ? `（此前已付 ${money(Number(facts.paidBeforeFen))}）` : ''}。`
    case 'nothing_payable':
      return '按条款计算，这次没有达到可以给付的标准。'
  }
}

/** The officer's voice: each step, its numbers, its clause. Made from the records alone. */
export const explain = (edition: Edition, assessment: Pick<Assessment, 'workings' | 'refused'>): Line[] => {
  const lines = assessment.workings.map((record) => ({
    text: sentence(edition, record),
    clause: record.clause,
    ours: record.parameters.some((parameter) => parameter.ours),
  }))
  if (assessment.refused)
    lines.push({ text: reasonText(assessment.refused), clause: assessment.refused.clause, ours: false })
  return lines
}

/** A clause as people cite it: art-7 is 第7条. */
export const clauseName = (clause: string): string =>
  `第${clause.replace('art-', '').replace('.', '条第')}${clause.includes('.') ? '款' : '条'}`
