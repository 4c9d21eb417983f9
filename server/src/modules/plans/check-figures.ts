import { addDays, addMonths, day, daysBetween } from '#kernel/days.ts'
import type { Report } from './check-plan.ts'
import type { Edition } from './edition.ts'
import { type Band, type DatedFigure, figureOf, fractionOf, isBands, isTable, type Value } from './figures.ts'
import { unitKinds } from './language.ts'
import { numbersOf } from './probe.ts'

/** What can be seen of an edition without judging a case: its figures over all its days, its tables, its names. Pure. */
export const checkFigures = (edition: Edition, report: Report): void => {
  eachDayHasOneValue(edition, report)
  tablesAreWhole(edition, report)
  feesAreWhole(edition, report)
  waitingIsOrdered(edition, report)
  bearersMakeTheWhole(edition, report)
  everythingIsUsed(edition, report)
  const { kind, title, clauses } = edition
  if (kind !== 'published' && !/示范|示例|样例|练习|拟|设计/.test(title))
    report(
      'title_does_not_say',
      'title',
      `这个版本是${kind === 'ours' ? '我们设计的' : '示范'}，名称“${title}”里要写明`,
    )
  for (const [clause, text] of Object.entries(clauses))
    if (text.trim().split('\n').length < 2 && text.trim().length < 4)
      report('clause_empty', `clauses.zh.md ${clause}`, `条款 ${clause} 没有文字`)
  for (const part of edition.parts) {
    const roundings = new Set(part.steps.flatMap((step) => ('rounding' in step ? [step.rounding] : [])))
    const [first] = part.steps.flatMap((step) => ('rounding' in step ? [step.clause ?? part.clause] : []))
    if (roundings.size > 1 && !edition.readings.some(({ clause }) => clause === first || clause === part.clause))
      report(
        'rounding_mixed',
        `parts.${part.id}`,
        '有的步骤四舍五入，有的舍去；条款没有写明时，请统一，或在 readings 里写明所取的读法',
      )
  }
}

/** The days on which something changes, from the first day of the edition to its last. */
const daysOf = (edition: Edition, value: Value): string[] => {
  const { from, through } = edition.in_force
  const starts = [...value.dated, ...Object.values(value.classes).flat()].map((each) => each.from as string)
  return [...new Set([from, ...starts])].filter((on) => on >= from && (!through || on <= through)).sort()
}

const eachDayHasOneValue = (edition: Edition, report: Report): void => {
  const { from, through } = edition.in_force
  for (const value of Object.values(edition.values)) {
    const at = `values.${value.name}`
    const look = (dated: readonly DatedFigure[], where: string) => {
      dated.forEach((figure, i) => {
        if (through && figure.from > through)
          report(
            'value_after_end',
            where,
            `${value.about}：${figure.from} 起的数值在版本到期（${through}）之后，用不上`,
          )
        const next = dated[i + 1]
        if (next && next.from <= from)
          report(
            'day_without_value',
            where,
            `${value.about}：${figure.from} 起的数值在版本生效（${from}）前已被 ${next.from} 起的替代，没有一天用得上`,
          )
      })
    }
    look(value.dated, at)
    for (const [name, dated] of Object.entries(value.classes)) {
      look(dated, `${at}.for.${name}`)
      const [first] = dated
      if (!first || first.from > from)
        report(
          'class_value_starts_late',
          `${at}.for.${name}`,
          first
            ? `${value.about}：这类人的数值从 ${first.from} 才开始，${from} 至 ${addDays(day(first.from), -1)} 没有写；请从 ${from} 写起`
            : `${value.about}：这类人一个数值也没有写`,
        )
    }
  }
}

/** A fact that one table or condition of a part names must have a row in each table of it. */
const tablesAreWhole = (edition: Edition, report: Report): void => {
  for (const part of edition.parts) {
    const at = `parts.${part.id}`
    const tables: { fact: string; value: Value; index: number }[] = []
    const named = new Map<string, Map<string, string>>()
    const name = (fact: string, key: string, where: string) => {
      const known = named.get(fact) ?? new Map<string, string>()
      if (!known.has(key)) known.set(key, where)
      named.set(fact, known)
    }
    part.steps.forEach((step, index) => {
      if (!('by' in step) || step.by === undefined) return
      for (const said of Object.values(step)) {
        const value = typeof said === 'string' ? edition.values[said] : undefined
        if (!value?.dated.some((each) => isTable(each.value))) continue
        tables.push({ fact: step.by, value, index })
        for (const each of [...value.dated, ...Object.values(value.classes).flat()])
          if (isTable(each.value))
            for (const key of Object.keys(each.value))
              if (key !== 'other' && key !== 'later') name(step.by, key, value.about)
      }
    })
    for (const condition of part.conditions)
      if ('fact' in condition && 'is' in condition) for (const key of condition.is) name(condition.fact, key, '条件')
    if (part.options) for (const option of part.options) name('option', option, 'options')
    else for (const option of edition.fee.options) name('option', option, 'fee.options')
    for (const { fact, value, index } of tables)
      for (const each of [...value.dated, ...Object.values(value.classes).flat()]) {
        if (!isTable(each.value) || 'other' in each.value) continue
        const within = part.options && fact === 'option' ? part.options : null
        for (const [key, where] of named.get(fact) ?? [])
          if (
            !(key in each.value) &&
            (!within || within.includes(key)) &&
            !('later' in each.value && /^\d+$/.test(key))
          )
            report(
              'table_without_row',
              `${at}.steps[${index}]`,
              `${value.about}（${each.from} 起）没有 ${key} 这一行，而${where}里有：${fact} 为 ${key} 的人这一步得 0 元`,
            )
      }
  }
}

/** Everybody who may join finds a contribution, a term and a ratio. */
const feesAreWhole = (edition: Edition, report: Report): void => {
  const { fee, who, term, group } = edition
  const row = (at: string, name: string | undefined, by: string | undefined) => {
    const value = name === undefined ? undefined : edition.values[name]
    if (!value || !by) return
    const wanted = by === 'option' ? fee.options : by === 'unit_kind' ? unitKinds : by === 'sex' ? ['F', 'M'] : []
    for (const each of value.dated)
      if (isTable(each.value) && !('other' in each.value))
        for (const key of wanted)
          if (!(key in each.value) && (by === 'option' || by === 'sex'))
            report('fee_without_row', at, `${value.about}（${each.from} 起）没有 ${key} 这一行，这样的人算不出来`)
  }
  row('fee.amount', fee.amount, fee.by)
  row('term.months', term.months, term.by)
  const within = (name: string | undefined, otherwise: number, pick: (...n: number[]) => number) => {
    const numbers = name ? numbersOf(edition, name) : []
    return numbers.length > 0 ? pick(...numbers) : otherwise
  }
  const youngest = within(who.age_min, 16, Math.min)
  const oldest = Math.max(within(who.age_max_m, 59, Math.max), within(who.age_max_f, 54, Math.max))
  fee.items.forEach((item, i) => {
    row(`fee.items[${i}]`, item.amount, item.by)
    if (!item.band_of) return
    for (const each of edition.values[item.amount]?.dated ?? [])
      if (isBands(each.value)) {
        const bands = each.value as readonly Band[]
        for (let age = youngest; age <= oldest; age += 1)
          if (!bands.some((band) => band.over < age && age <= band.to)) {
            report(
              'fee_without_row',
              `fee.items[${i}]`,
              `${edition.values[item.amount]?.about}：${age} 岁的人可以参加，但没有一段包含 ${age} 岁`,
            )
            break
          }
      }
  })
  if (group?.ratio && group.ratio_by === 'heads') {
    const least = group.all_if_under ? within(group.all_if_under, 1, Math.min) : 1
    for (const each of edition.values[group.ratio]?.dated ?? [])
      if (isBands(each.value)) {
        const bands = each.value as readonly Band[]
        const missing = [least, ...bands.map((band) => band.to + 1), 1_000_000].find(
          (heads) =>
            Number.isFinite(heads) && heads >= least && !bands.some((band) => band.over < heads && heads <= band.to),
        )
        if (missing !== undefined)
          report('fee_without_row', 'group.ratio', `${missing} 人的单位查不到参保比例：没有一段包含 ${missing} 人`)
      }
  }
  if (numbersOf(edition, fee.shares_max).every((most) => most === 1))
    for (const part of edition.parts) {
      const all = [
        ...part.steps,
        ...(part.waiting?.windows ?? []).flatMap(({ pays }) => (pays === 'nothing' ? [] : pays)),
      ]
      if (all.some((step) => 'per_share' in step))
        report('per_share_of_one', `parts.${part.id}`, '按份给付（per_share），但每人最多只能参加一份')
    }
}

const waitingIsOrdered = (edition: Edition, report: Report): void => {
  const { term } = edition
  for (const part of edition.parts) {
    const { waiting } = part
    if (!waiting) continue
    const at = `parts.${part.id}.waiting`
    for (const personClass of [null, ...Object.keys(edition.classes)])
      for (const on of daysOfAll(edition)) {
        let before = 0
        for (const [i, window] of waiting.windows.entries()) {
          const value = edition.values[window.through_day]
          const figure = value && figureOf(value, on, personClass)
          const through = typeof figure?.value === 'number' ? figure.value : undefined
          if (through === undefined) continue
          if (through <= before)
            report(
              'windows_out_of_order',
              `${at}[${i}]`,
              `第 ${i + 1} 段到第 ${through} 天，前一段已到第 ${before} 天：没有一天属于这一段${personClass ? `（${edition.classes[personClass]?.about}）` : ''}`,
            )
          before = through
        }
        const months = term.months && !term.by ? numbersOf(edition, term.months)[0] : undefined
        const from = day(on)
        const days = term.days
          ? numbersOf(edition, term.days)[0]
          : months
            ? daysBetween(from, addMonths(from, months))
            : undefined
        if (days !== undefined && before >= days)
          report('waiting_beyond_term', at, `等待到第 ${before} 天，而保障期只有 ${days} 天：没有一天能领到全额`)
      }
    waiting.windows.forEach((window, i) => {
      if (window.pays === 'nothing' && (window.ends_cover || (window.ends_parts?.length ?? 0) > 0))
        report('ends_without_paying', `${at}[${i}]`, '这一段不给付；只有给付才会终止保障，写的终止从不生效')
    })
    if (waiting.not_for_accidents && part.events.every((kind) => kind === 'accident'))
      report('waiting_never_bites', at, '意外不等待，而这一部分只处理意外：等待期从不起作用')
    if (waiting.not_when_continuous && !term.grace_days && term.starts !== 'open')
      report(
        'continuity_without_grace',
        at,
        '续保的人不再等待，但 term.grace_days 没有写隔几天内算连续：现在每个人续保都要重新等待',
      )
  }
}

const daysOfAll = (edition: Edition): string[] => [
  ...new Set(Object.values(edition.values).flatMap((value) => daysOf(edition, value))),
]

const bearersMakeTheWhole = (edition: Edition, report: Report): void => {
  for (const part of edition.parts) {
    if (part.borne_by.length === 0) continue
    for (const personClass of [null, ...Object.keys(edition.classes)])
      for (const on of daysOfAll(edition)) {
        let points = 0
        for (const { share } of part.borne_by) {
          const value = edition.values[share]
          const figure = value && figureOf(value, on, personClass)
          if (typeof figure?.value === 'number')
            points += figure.value * (value?.unit === 'fraction' ? 10_000 / fractionOf : 1)
        }
        if (Math.abs(points - 10_000) > 0.01)
          report(
            'shares_not_whole',
            `parts.${part.id}.borne_by`,
            `${on} 起各方承担的比例加起来是 ${Math.round(points) / 100}%，应是 100%`,
          )
      }
  }
}

/** A figure, base, list or class that nothing names is a slip: either it is superfluous, or the step that needs it is missing. */
const everythingIsUsed = ({ clauses: _, ...edition }: Edition, report: Report): void => {
  const said = new Set<string>()
  const hear = (node: unknown): void => {
    if (typeof node === 'string') said.add(node.replace(/^-/, ''))
    else if (Array.isArray(node)) for (const each of node) hear(each)
    else if (node && typeof node === 'object')
      for (const [key, each] of Object.entries(node))
        if (!['about', 'title', 'text', 'clause'].includes(key)) hear(each)
  }
  const { values, accepted_warnings: __, readings: ___, ...rest } = edition
  hear(rest)
  for (const [name, value] of Object.entries(values))
    if (!said.has(name)) report('unused_value', `values.${name}`, `${value.about}（${name}）没有任何地方用到`)
  for (const [name, base] of Object.entries(edition.bases))
    if (!said.has(name)) report('unused_base', `bases.${name}`, `${base.about}（${name}）没有任何地方用到`)
  for (const [name, list] of Object.entries(edition.lists))
    if (!said.has(name)) report('unused_list', `lists.${name}`, `${list.about}（${name}）没有任何地方用到`)
  const inFigures = new Set(Object.values(values).flatMap((value) => Object.keys(value.classes)))
  for (const [name, of] of Object.entries(edition.classes))
    if (!said.has(name) && !inFigures.has(name))
      report('unused_class', `classes.${name}`, `${of.about}（${name}）没有自己的数值，也不免费：分这一类没有用处`)
}
