import { isAlias, parseDocument, visit } from 'yaml'
import type { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { type CivilDate, isDay } from '#kernel/days.ts'
import { parseYuan } from '#kernel/money.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { EditionText, type PartText, type StepText } from './language.ts'

export interface Band {
  readonly over: number
  /** Infinity where the band has no end */
  readonly to: number
  readonly rate: number
}
export type Figure = number | readonly Band[] | Readonly<Record<string, number>>

/** A figure as it stands from a day on. */
export interface DatedFigure {
  readonly from: CivilDate
  readonly value: Figure
  readonly clause: string
  readonly ours: boolean
}

export interface Value {
  readonly name: string
  readonly about: string
  readonly unit: 'yuan' | 'percent' | 'count' | 'days' | 'months'
  readonly dated: readonly DatedFigure[]
}

/** A checked edition: its text as data, every figure parsed to fen, basis points or a whole number. */
export interface Edition extends Omit<EditionText, 'values'> {
  readonly values: Readonly<Record<string, Value>>
  readonly clauses: Readonly<Record<string, string>>
}

export interface Problem {
  readonly at: string
  readonly zh: string
}
export type CompileRefused = {
  readonly code: 'edition_not_understood'
  readonly problems: readonly Problem[]
  readonly first: string
}

const refused = (problems: readonly Problem[]) =>
  refuse<CompileRefused>({
    code: 'edition_not_understood',
    problems: problems.slice(0, 100),
    first: problems[0] ? `${problems[0].at}：${problems[0].zh}` : '',
  })

const mostText = 512 * 1024
/** 2⁵³ fen is ninety thousand thousand million yuan; a plan's figure beyond nine thousand million is a slip of the pen. */
const mostFen = 900_000_000_000

const parseFigure = (text: string, unit: Value['unit']): number | string => {
  if (unit === 'yuan') {
    const amount = parseYuan(text)
    if (amount === null) return '金额写作 36.00，最多两位小数'
    if (amount < 0) return '金额不能是负数'
    return amount > mostFen ? '金额太大' : amount
  }
  if (unit === 'percent') {
    const match = /^(\d{1,3})(?:\.(\d{1,2}))?%$/.exec(text.trim())
    if (!match) return '比例写作 70% 或 12.5%，最多两位小数'
    const points = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
    return points > 10_000 ? '比例不能超过 100%' : points
  }
  return /^\d{1,6}$/.test(text.trim()) ? Number(text) : '写一个整数'
}

const clausesOf = (text: string): Record<string, string> => {
  const clauses: Record<string, string> = {}
  let current = ''
  for (const line of text.split('\n')) {
    const heading = /^#{2,4}\s*(art-\d+(?:\.\d+)?)\s*(.*)$/.exec(line)
    if (heading) {
      current = heading[1] ?? ''
      clauses[current] = heading[2]?.trim() ?? ''
    } else if (current && line.trim()) clauses[current] = `${clauses[current]}\n${line.trim()}`.trim()
  }
  return clauses
}

/**
 * Reads an edition's text (YAML) and its clauses (Markdown: a heading `## art-7 …` each). Refuses with every problem at
 * its place; bounded for hostile text: half a megabyte, few aliases, limited lists.
 */
export const compile = (text: string, clauseText: string): Result<Edition, CompileRefused> => {
  if (text.length > mostText || clauseText.length > mostText)
    return refused([{ at: '文件', zh: '文件太大，一个计划不应超过 512 KB' }])
  let raw: unknown
  try {
    const document = parseDocument(text, { schema: 'failsafe', uniqueKeys: true, prettyErrors: true })
    const error = document.errors[0]
    if (error)
      return refused([
        { at: `第 ${error.linePos?.[0].line ?? '?'} 行`, zh: `YAML 写法有误：${error.message.split('\n')[0]}` },
      ])
    let aliases = 0
    visit(document, (_, node) => {
      if (isAlias(node)) aliases += 1
      return aliases > 20 ? visit.BREAK : undefined
    })
    if (aliases > 20) return refused([{ at: '文件', zh: '引用（*名称）太多，请直接写出内容' }])
    raw = document.toJS({ maxAliasCount: 20 })
  } catch (error) {
    return refused([{ at: '文件', zh: `读不懂：${(error as Error).message.slice(0, 200)}` }])
  }
  const parsed = EditionText.safeParse(raw)
  if (!parsed.success) return refused(parsed.error.issues.flatMap(problemsOf))
  return check(parsed.data, clausesOf(clauseText))
}

const problemsOf = (issue: z.core.$ZodIssue): Problem[] => {
  const at = issue.path.join('.') || '文件'
  if (issue.code === 'unrecognized_keys') return [{ at, zh: `不认识的项目：${issue.keys.join('、')}` }]
  if (issue.code === 'invalid_value') return [{ at, zh: `应是其中之一：${issue.values.join('、')}` }]
  if (issue.code === 'invalid_type')
    return [{ at, zh: issue.input === undefined ? '缺少这一项' : `写法不对，应是${issue.expected}` }]
  if (issue.code === 'invalid_union') return [{ at, zh: '写法不对：没有这种步骤或条件，或缺少/多出项目' }]
  return [{ at, zh: issue.message }]
}

const check = (data: EditionText, clauses: Record<string, string>): Result<Edition, CompileRefused> => {
  const problems: Problem[] = []
  const complain = (at: string, zh: string) => problems.push({ at, zh })
  const values: Record<string, Value> = {}

  for (const [name, { about, unit, from }] of Object.entries(data.values)) {
    const dated: DatedFigure[] = []
    for (const [on, figure] of Object.entries(from).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const at = `values.${name}.${on}`
      if (!isDay(on)) {
        complain(at, '日历上没有这一天')
        continue
      }
      const value = figureOf(figure.value, unit, at, complain)
      if (value !== undefined) dated.push({ from: on, value, clause: figure.clause, ours: figure.source === 'ours' })
      if (!(figure.clause in clauses)) complain(at, `条款 ${figure.clause} 不在 clauses.zh.md 里`)
    }
    const first = dated[0]
    if (!first || first.from > data.in_force.from)
      complain(`values.${name}`, `从 ${data.in_force.from} 起没有数值：每一天都要有且只有一个`)
    values[name] = { name, about, unit, dated }
  }

  const named = (at: string, name: string | undefined, ...wanted: Value['unit'][]) => {
    if (name === undefined) return
    const value = values[name]
    if (!value) complain(at, `values 里没有 ${name}`)
    else if (!wanted.includes(value.unit)) complain(at, `${name} 的单位是 ${value.unit}，这里要 ${wanted.join(' 或 ')}`)
  }
  const dayOk = (at: string, on: string | undefined) =>
    on !== undefined && !isDay(on) && complain(at, '日历上没有这一天')
  dayOk('in_force.from', data.in_force.from)
  dayOk('in_force.through', data.in_force.through)
  for (const on of data.term.scheme_dates) dayOk('term.scheme_dates', on)
  if (data.term.starts === 'scheme_date' && data.term.scheme_dates.length === 0)
    complain('term.scheme_dates', '至少写一个起保日')

  named('who.age_min', data.who.age_min, 'count')
  named('who.age_max_f', data.who.age_max_f, 'count')
  named('who.age_max_m', data.who.age_max_m, 'count')
  named('group.ratio', data.group?.ratio, 'percent')
  named('group.all_if_under', data.group?.all_if_under, 'count')
  named('fee.amount', data.fee.amount, 'yuan')
  named('fee.shares_max', data.fee.shares_max, 'count')
  named('term.months', data.term.months, 'months')
  named('term.grace_days', data.term.grace_days, 'days')
  named('notice.days', data.notice?.days, 'days')
  named('claim_by.months_after_key_date', data.claim_by?.months_after_key_date, 'months')
  named('objection.days', data.objection?.days, 'days')
  named('principal.amount_per_share', data.principal?.amount_per_share, 'yuan')

  const partIds = new Set<string>()
  for (const part of data.parts) {
    if (partIds.has(part.id)) complain(`parts.${part.id}`, '两个部分同名')
    checkPart(part, data, values, partIds, named, complain)
    partIds.add(part.id)
  }
  const cited = new Set<string>()
  const cite = (node: unknown): void => {
    if (Array.isArray(node)) for (const each of node) cite(each)
    else if (node && typeof node === 'object')
      for (const [key, each] of Object.entries(node)) key === 'clause' ? cited.add(String(each)) : cite(each)
  }
  cite(data)
  for (const clause of cited) if (!(clause in clauses)) complain('clauses.zh.md', `没有条款 ${clause}`)
  return problems.length > 0 ? refused(problems) : ok({ ...data, values, clauses })
}

const figureOf = (
  value: EditionText['values'][string]['from'][string]['value'],
  unit: Value['unit'],
  at: string,
  complain: (at: string, zh: string) => void,
): Figure | undefined => {
  const number = (text: string, as: Value['unit'], where: string): number | undefined => {
    const figure = parseFigure(text, as)
    if (typeof figure === 'number') return figure
    complain(where, figure)
    return undefined
  }
  if (typeof value === 'string') return number(value, unit, at)
  if ('table' in value) {
    const table: Record<string, number> = {}
    for (const [key, text] of Object.entries(value.table)) table[key] = number(text, unit, `${at}.${key}`) ?? 0
    return table
  }
  const bands: Band[] = []
  let end = -1
  for (const [i, band] of value.bands.entries()) {
    const where = `${at}.bands[${i}]`
    const over = number(band.over, unit === 'days' ? 'days' : 'yuan', where)
    const to =
      band.to === undefined ? Number.POSITIVE_INFINITY : number(band.to, unit === 'days' ? 'days' : 'yuan', where)
    const rate = number(band.rate, unit === 'percent' ? 'percent' : unit, where)
    if (over === undefined || to === undefined || rate === undefined) return undefined
    if (over >= to) complain(where, '“over” 要小于 “to”')
    if (end >= 0 && over > end) complain(where, '与上一段之间有空档')
    if (end >= 0 && over < end) complain(where, '与上一段重叠')
    end = to
    bands.push({ over, to, rate })
  }
  return bands
}

const checkPart = (
  part: PartText,
  data: EditionText,
  values: Readonly<Record<string, Value>>,
  earlier: ReadonlySet<string>,
  named: (at: string, name: string | undefined, ...wanted: Value['unit'][]) => void,
  complain: (at: string, zh: string) => void,
): void => {
  const at = `parts.${part.id}`
  const isBase = (where: string, name: string) =>
    name === 'amount' || name in data.bases || complain(where, `bases 里没有 ${name}`)
  if (part.base) isBase(`${at}.base`, part.base)
  if (part.gathered_over === 'cover' && !part.base) complain(`${at}.base`, '按保障期累计的部分要写明基数 base')
  const steps = (list: readonly StepText[], where: string) => {
    list.forEach((step, i) => {
      const here = `${where}[${i}]`
      if ('amount' in step) named(here, step.amount, 'yuan')
      else if ('bands' in step) {
        named(here, step.bands, 'percent')
        isBase(here, step.of)
        if (values[step.bands] && !values[step.bands]?.dated.every((each) => Array.isArray(each.value)))
          complain(here, `${step.bands} 不是分段表`)
      } else if ('rate' in step) {
        named(here, step.rate, 'percent')
        isBase(here, step.of)
      } else if ('less' in step) named(here, step.less, 'yuan')
      else if ('per_day' in step) {
        named(here, step.per_day, 'yuan')
        named(here, step.unpaid_days, 'days')
        named(here, step.most_days, 'days')
      } else if ('table' in step) named(here, step.table, 'yuan')
      else if ('bracket' in step) {
        named(here, step.bracket, 'yuan')
        isBase(here, step.of)
      } else if ('at_least' in step) named(here, step.at_least, 'yuan')
      else if ('at_most' in step) named(here, step.at_most, 'yuan')
      const startsFromNothing = 'less' in step || 'per_share' in step || 'at_least' in step || 'at_most' in step
      if (i === 0 && startsFromNothing) complain(here, '第一步要先算出金额')
    })
  }
  steps(part.steps, `${at}.steps`)
  for (const window of part.waiting?.windows ?? []) {
    named(`${at}.waiting`, window.through_day, 'days')
    if (window.pays !== 'nothing') steps(window.pays, `${at}.waiting`)
  }
  for (const condition of part.conditions) {
    if ('at_least' in condition) named(`${at}.conditions`, condition.at_least, 'count')
    const list =
      'on_list' in condition ? condition.on_list : 'not_on_list' in condition ? condition.not_on_list : undefined
    if (list && !(list in data.lists)) complain(`${at}.conditions`, `lists 里没有 ${list}`)
  }
  if (part.claims_most) named(`${at}.claims_most`, part.claims_most.value, 'count')
  if (part.not_with && !earlier.has(part.not_with.part)) complain(`${at}.not_with`, '只能写排在前面的部分')
}

/** The figure in force on a day; an edition has exactly one for each of its days. */
export const figureOn = (edition: Edition, name: string, on: string): DatedFigure => {
  const dated = edition.values[name]?.dated ?? []
  let found: DatedFigure | undefined
  for (const each of dated) if (each.from <= on) found = each
  // Before the first day of the edition its first figure stands: a claim is judged by the edition it was covered under.
  const figure = found ?? dated[0]
  assert(figure, `the edition has no figure ${name}`)
  return figure
}

/** A figure that is one number: fen, basis points, days or a count. */
export const numberOn = (edition: Edition, name: string, on: string): number => {
  const { value } = figureOn(edition, name, on)
  assert(typeof value === 'number', `${name} is a table, not a number`)
  return value
}
