import { yuan } from '#kernel/money.ts'
import type { Report } from './check-plan.ts'
import type { Edition } from './edition.ts'
import { dayCount } from './facts.ts'
import { type Band, isBands, isPaidDays, type PaidDays } from './figures.ts'
import { judge, traced } from './judge.ts'
import type { Tried } from './try-plan.ts'

/** Refusals by which one still sees on which side of a waiting edge the day lies: an unknown figure is told before waiting is. */
const judgedByDay: ReadonlySet<string> = new Set(['in_waiting_period', 'figure_unknown', 'amount_awaited'])

/** What the worked examples show, and what they leave in the dark: parts, edges of waiting, edges of bands. Pure. */
export const checkExamples = (edition: Edition, tried: readonly Tried[], report: Report): void => {
  for (const { example, passed, why } of tried) {
    if (!passed) report('example_fails', `examples ${example.name}`, why)
    if (
      example.event &&
      (example.benefit === undefined || Number(example.benefit) === 0) &&
      !example.refused &&
      !example.asks &&
      !example.parts
    )
      report(
        'example_tests_nothing',
        `examples ${example.name}`,
        '没有给付、没有拒绝的理由，也没有要问的内容：请写明 refused 或 asks',
      )
  }
  const cases = tried.flatMap(({ case: facts }) => (facts ? [{ facts, judged: judge(edition, facts) }] : []))
  for (const part of edition.parts) {
    const at = `parts.${part.id}`
    const own = cases.flatMap(({ facts, judged }) =>
      judged.filter((each) => each.part.text.id === part.id).map((each) => ({ facts, each })),
    )
    // What no text gives, or nobody has resolved yet, no example can pay.
    const awaits = part.steps.some((step) =>
      Object.values(step).some((name) => typeof name === 'string' && edition.values[name]?.dated.length === 0),
    )
    if (!awaits && !own.some(({ each }) => each.benefitFen > 0)) {
      report('part_without_example', at, `“${part.title}”没有一个给付的例子`)
      continue
    }
    // The windows that some example's key date lies in; after the last one is a window too.
    const windows = part.waiting?.windows ?? []
    const seen = new Set<number>()
    for (const { facts, each } of own) {
      if (!each.resolved?.waiting || each.keyOn === null) continue
      if (each.refused && !judgedByDay.has(each.refused.code) && !each.counts) continue
      const nth = dayCount(each.keyOn) - dayCount(facts.cover.from) + 1
      const window = each.resolved.waiting.windows.findIndex(({ through }) => nth <= through)
      seen.add(window < 0 ? windows.length : window)
    }
    windows.forEach((window, i) => {
      const name = edition.values[window.through_day]?.about ?? window.through_day
      if (!seen.has(i)) report('edge_without_example', `${at}.waiting[${i}]`, `没有一个例子在“${name}”这一段之内`)
    })
    if (windows.length > 0 && !seen.has(windows.length))
      report('edge_without_example', `${at}.waiting`, '没有一个例子在等待期之后')

    part.steps.forEach((step, i) => {
      const name = Object.values(step)[0]
      const value = typeof name === 'string' ? edition.values[name] : undefined
      const paidDays = 'paid_days' in step ? edition.values[step.paid_days] : undefined
      const figure = (value?.dated.some((each) => isBands(each.value)) ? value : paidDays)?.dated.at(-1)
      if (!figure || !(isBands(figure.value) || isPaidDays(figure.value))) return
      const rows = figure.value as readonly (Band | PaidDays)[]
      const inputs = own
        .filter(({ each }) => each.counts && each.window < 0)
        .map(({ each }) => traced(each.trace, i)[0])
      for (const row of rows)
        if (!inputs.some((input) => row.over < input && input <= row.to)) {
          const said = isBands(figure.value) && row.to >= 1_000 ? yuan : String
          report(
            'edge_without_example',
            `${at}.steps[${i}]`,
            `${(value ?? paidDays)?.about}：没有一个例子在 ${said(row.over)}${Number.isFinite(row.to) ? `（不含）至 ${said(row.to)}（含）` : ' 以上'} 这一段`,
          )
        }
    })
  }
}
