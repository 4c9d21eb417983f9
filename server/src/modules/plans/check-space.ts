import { addDays, day } from '#kernel/days.ts'
import { yuan } from '#kernel/money.ts'
import { assessmentOf } from './assess.ts'
import type { Report } from './check-plan.ts'
import type { Edition } from './edition.ts'
import { factName } from './explain.ts'
import { type Case, dayCount, type Earlier } from './facts.ts'
import { type Judged, traced } from './judge.ts'
import type { PartText } from './language.ts'
import { caseInWords, narrow, numbersOf, Probe, probedFrom, type Reached, somethingElse } from './probe.ts'
import type { Tried } from './try-plan.ts'

/**
 * Looks over the cases that may ever meet the edition: who can be in each class and paid by each part, and around each case
 * that pays, what one fen, one day, one birthday or the other sex changes.
 */
export const checkSpace = (probe: Probe, tried: readonly Tried[], report: Report): void => {
  const { edition } = probe
  const classes = classesReached(probe, report)
  const longest = Math.max(
    0,
    ...edition.parts.flatMap((part) =>
      (part.waiting?.windows ?? []).flatMap((window) => numbersOf(edition, window.through_day)),
    ),
  )
  const reached = edition.parts.map((part) => reachPart(probe, part, classes, longest, tried))
  edition.parts.forEach((part, i) => {
    tellUnreachable(edition, part, reached[i] as ReachedPart, report)
  })
  const paying = reached.flatMap((each) => each.paying)
  for (const seed of paying) sweepBill(probe, seed, report)
  for (const seed of paying) sweepDays(probe, seed, report)
  for (const seed of paying) aroundWaiting(probe, seed, report)
  for (const seed of paying) otherSexOrDay(probe, seed, report)
  for (const each of reached) repeat(probe, each)
  tellUnbound(probe, reached, report)
}

interface ReachedPart {
  readonly part: PartText
  /** cases that the part pays, each of another kind */
  readonly paying: readonly Reached[]
  /** why the others got nothing, and how often */
  readonly refusals: ReadonlyMap<string, number>
  readonly awaits: boolean
  /** an example of the edition pays by it, or waits for a figure, where no case of ours did */
  readonly byExample: boolean
}

const judgementsPerPart = 2_000
const seedsPerPart = 10

// ---- classes -----------------------------------------------------------------------------------------------------

/** For each class the facts that put somebody in it; tells the classes that nobody can be in. */
const classesReached = (probe: Probe, report: Report): readonly ((facts: Case) => Case)[] => {
  const { edition } = probe
  const names = Object.keys(edition.classes)
  const [first] = edition.parts
  const [kind] = first?.events ?? []
  if (names.length === 0 || !first || !kind) return [(facts) => facts]
  // One plain part, so that nothing but the classes decides.
  const stub = (classes: Edition['classes']): Probe =>
    new Probe(
      {
        ...edition,
        classes,
        excludes: [],
        parts: [
          {
            ...first,
            key_date: 'application',
            options: undefined,
            conditions: [],
            waiting: undefined,
            not_with: undefined,
          },
        ],
      },
      4_000,
    )
  const all = stub(edition.classes)
  const ways: ((facts: Case) => Case)[] = [(facts) => facts]
  for (const name of names) {
    const own = edition.classes[name]
    if (!own || !triedByFacts(own.when)) continue
    const alone = stub({ [name]: own })
    let shadow: { by: string | null; facts: Case } | null = null
    let way: ((facts: Case) => Case) | null = null
    const part = { ...(alone.edition.parts[0] as PartText), conditions: [...own.when] }
    const starts = edition.fee.options.length > 0 ? edition.fee.options : [null]
    for (const option of starts) {
      const blank = alone.start(kind, day(edition.in_force.from), option, 1)
      for (const start of [blank, toldUnasked(alone, blank, own.when)])
        alone.reach(part, start, 600, (reached) => {
          if (reached.own.personClass !== name || way) return
          all.reach(part, reached.case, 60, (again) => {
            if (way) return
            if (again.own.personClass !== name) shadow ??= { by: again.own.personClass, facts: again.case }
            else way = (facts) => knowing(facts, again.case)
          })
        })
    }
    if (way) ways.push(way)
    else if (shadow) {
      const { by, facts } = shadow as { by: string | null; facts: Case }
      report(
        'class_unreachable',
        `classes.${name}`,
        `没有人会属于“${own.about}”：合乎它条件的人都先属于“${by ? edition.classes[by]?.about : '（无）'}”，例如 ${caseInWords(facts, ['dates'])}`,
      )
    } else report('class_unreachable', `classes.${name}`, `没有人会属于“${own.about}”：它的条件不能同时成立`)
  }
  probe.judgements += all.judgements
  return ways
}

const triedByFacts = (when: readonly object[]): boolean =>
  when.every((each) => ('any' in each ? (each.any as object[][]).every(triedByFacts) : 'fact' in each))

/** Facts that are never asked for (if_unknown) must be told beforehand. */
const toldUnasked = (probe: Probe, start: Case, when: readonly object[]): Case => {
  let facts = start
  for (const each of when) {
    if ('any' in each) facts = toldUnasked(probe, facts, (each.any as object[][])[0] ?? [])
    else if ('fact' in each && typeof each.fact === 'string') {
      const is = 'is' in each && Array.isArray(each.is) ? String(each.is[0]) : undefined
      const [liked] = probe.answersTo(`codes.${each.fact}`, null)
      facts = probe.with(facts, `codes.${each.fact}`, is ?? liked ?? somethingElse)
    }
  }
  return facts
}

/** The first case, with what is known of the second person. */
const knowing = (facts: Case, known: Case): Case => ({
  ...facts,
  cover: {
    ...facts.cover,
    ...known.cover,
    from: facts.cover.from,
    until: facts.cover.until,
    option: facts.cover.option ?? null,
  },
  event: { ...facts.event, codes: { ...facts.event.codes, ...known.event.codes } },
  person: { ...facts.person, ...known.person },
})

// ---- parts -------------------------------------------------------------------------------------------------------

const kindOf = ({ case: facts, own }: Reached): string =>
  JSON.stringify([
    facts.event.kind,
    facts.event.codes,
    facts.cover.option,
    own.personClass,
    own.window,
    facts.cover.from,
  ])

const reachPart = (
  probe: Probe,
  part: PartText,
  classes: readonly ((facts: Case) => Case)[],
  longest: number,
  tried: readonly Tried[],
): ReachedPart => {
  const { edition } = probe
  const paying = new Map<string, Reached>()
  const refusals = new Map<string, number>()
  let awaits = false
  const take = (reached: Reached) => {
    const code = reached.own.refused?.code
    if (code === 'amount_awaited' || code === 'figure_unknown') awaits = true
    if (code) refusals.set(code, (refusals.get(code) ?? 0) + 1)
    if (reached.own.benefitFen > 0 && paying.size < 60) {
      const kind = kindOf(reached)
      if (!paying.has(kind)) paying.set(kind, reached)
    }
  }
  const options = part.options ?? (edition.fee.options.length > 0 ? edition.fee.options : [null])
  const froms = probedFrom(edition)
  const share = Math.max(
    120,
    Math.floor(judgementsPerPart / (options.length * froms.length * classes.length * part.events.length)),
  )
  for (const from of froms)
    for (const option of options)
      for (const asClass of classes)
        for (const kind of part.events) {
          const first = asClass(probe.start(kind, from, option, longest + 1))
          for (const start of gapped(probe, part, first))
            for (const known of [...unasked(probe, part, start), start]) probe.reach(part, known, share, take)
        }
  // Each answer that the edition tells apart, given to a case that pays: other rows of tables, other classes.
  for (const seed of [...paying.values()].slice(0, 6))
    for (const [fact, told] of probe.words.facts)
      for (const each of told.slice(0, 30))
        if (fact === 'option' && part.options && !part.options.includes(String(each))) continue
        else if (paying.size < 60) probe.reach(part, probe.with(seed.case, `codes.${fact}`, each), 4, take)
  const seeds = spread([...paying.values()])
  // One that waits for a figure is reached too: what it would pay, no case can show.
  const byExample = tried.some(({ parts }) =>
    parts.some(
      ({ part: of, benefitFen, refused }) =>
        of === part.id && (benefitFen > 0 || refused?.code === 'figure_unknown' || refused?.code === 'amount_awaited'),
    ),
  )
  for (const { case: facts } of tried)
    if (facts && seeds.length < seedsPerPart) {
      const judged = probe.judge(facts)
      const own = judged.find((each) => each.part.text.id === part.id)
      if (own && own.benefitFen > 0 && facts.earlier.length === 0) seeds.push({ case: facts, judged, own })
    }
  return { part, paying: seeds, refusals, awaits, byExample }
}

/** Cases of as many classes, options and amounts as fit: the first of each, then the rest in order. */
const spread = (all: readonly Reached[]): Reached[] => {
  const seen = new Set<string>()
  const [fresh, rest]: [Reached[], Reached[]] = [[], []]
  for (const each of all) {
    const key = `${each.own.personClass} ${each.case.cover.option} ${each.case.event.kind} ${each.case.cover.from} ${each.own.benefitFen}`
    ;(seen.has(key) ? rest : fresh).push(each)
    seen.add(key)
  }
  return [...fresh, ...rest].slice(0, seedsPerPart)
}

/** Where a part does not ask for a fact but takes it for met or not: the case with the fact told. */
const unasked = (probe: Probe, part: PartText, start: Case): Case[] => {
  const silent = part.conditions.filter((each) => 'if_unknown' in each && each.if_unknown !== 'ask')
  return silent.length > 0 ? [toldUnasked(probe, start, silent)] : []
}

/** Where a part counts the days between two dates, the later one moved so that enough of them lie between. */
const gapped = (probe: Probe, part: PartText, first: Case): Case[] => {
  const cases = [first]
  for (const each of part.conditions)
    if ('days_from' in each && each.at_least !== undefined)
      for (const gap of numbersOf(probe.edition, each.at_least)) {
        const from = first.event.dates[each.days_from]
        if (from) cases.push(probe.with(first, `dates.${each.to}`, addDays(day(from), gap)))
      }
  return cases.reverse()
}

const tellUnreachable = (edition: Edition, part: PartText, reached: ReachedPart, report: Report): void => {
  if (reached.paying.length > 0 || reached.byExample || reached.awaits) return
  const at = `parts.${part.id}`
  const often = [...reached.refusals].sort((a, b) => b[1] - a[1])
  const [why] = often
  if (part.not_with && 'part' in part.not_with && reached.refusals.has('paid_under_other_part')) {
    const { part: other } = part.not_with
    const title = edition.parts.find((each) => each.id === other)?.title
    report('not_with_always', at, `凡能领“${part.title}”的情形，都已按“${title}”给付，本项永远领不到`)
    return
  }
  const because: Readonly<Record<string, string>> = {
    condition_not_met: '它的条件不能同时成立',
    excluded: '合乎条件的情形都被 excludes 排除',
    in_waiting_period: '整个保障期都在等待期内',
    nothing_payable: '算出来总是 0 元',
    nothing_left: '算出来的总被限额减到 0 元',
    outside_cover: '关键日期总在保障期外',
  }
  report(
    'part_unreachable',
    at,
    `没有一种情形能领到“${part.title}”${why ? `：${because[why[0]] ?? why[0]}` : ''}（试了 ${[...reached.refusals.values()].reduce((a, b) => a + b, 0)} 种情形）`,
  )
}

// ---- one fen, one day --------------------------------------------------------------------------------------------

/** Amounts of a bill field at which something may change for this case, ascending. */
const amountsFor = (probe: Probe, seed: Reached, field: string): number[] => {
  const xs = new Set<number>([0, 1, 100, 1_000_000, 10_000_000_000])
  for (const edge of probe.words.amounts) for (const x of [edge - 1, edge, edge + 1]) if (x >= 0) xs.add(x)
  const sorted = [...probe.words.amounts]
  for (let i = 1; i < sorted.length; i += 1) xs.add(Math.floor(((sorted[i - 1] ?? 0) + (sorted[i] ?? 0)) / 2))
  // Edges that the steps meet only after other steps: found where what goes into the step crosses them.
  const input = (x: number, i: number): number => {
    const own = probe
      .judge(probe.with(seed.case, `bill.${field}`, x))
      .find((each) => each.part.text.id === seed.own.part.text.id)
    return own?.counts ? traced(own.trace, i)[0] : -1
  }
  for (const [i, op] of seed.own.ops.entries()) {
    if (op.bands.length === 0) continue
    for (const { over } of op.bands) {
      if (over === 0 || probe.spent) continue
      const [low, high] = narrow(0, 10_000_000_000, (x) => input(x, i) > over)
      for (const x of [low - 1, low, high]) if (x >= 0) xs.add(x)
    }
  }
  return [...xs].sort((a, b) => a - b)
}

const costOf = (edition: Edition, part: PartText, facts: Case): number => {
  const fields = new Set<string>()
  const bases = new Set([
    part.base,
    ...part.steps.flatMap((step) => ('of' in step ? [step.of] : 'from' in step ? [step.from] : [])),
  ])
  for (const name of bases)
    for (const [field, weight] of Object.entries((name && edition.bases[name]?.sum) || {}))
      if (!weight.startsWith('-')) fields.add(field)
  let cost = 0
  for (const field of fields) cost += facts.event.bill?.[field] ?? 0
  return cost
}

/**
 * An indemnity gives back a cost: said by `kind`, else every first amount comes from a base of the bill, and nothing in it is
 * a fixed sum, a daily sum or a number of shares. (A minimum does not make it a fixed sum: that is how one goes above cost.)
 */
export const isIndemnity = (edition: Edition, part: PartText): boolean => {
  if (part.kind) return part.kind === 'indemnity'
  const onBill = (name: string) =>
    Object.keys(edition.bases[name]?.sum ?? {}).some((field) => !field.startsWith('benefit'))
  return part.steps.every((step, i) => {
    if ('amount' in step || 'table' in step || 'per_share' in step || 'top_up_to' in step || 'chosen_from' in step)
      return false
    if ('per_day' in step || 'per_paid_day' in step || 'bracket' in step || 'times' in step) return false
    if (i > 0) return true
    return 'of' in step ? onBill(step.of) : 'from' in step ? onBill(step.from) : false
  })
}

const sweepBill = (probe: Probe, seed: Reached, report: Report): void => {
  const { edition } = probe
  const { text: part } = seed.own.part
  for (const field of Object.keys(seed.case.event.bill ?? {})) {
    if (probe.spent || probe.words.takenOff.has(field) || field === 'chosen_amount') continue
    const at = (x: number): Case => probe.with(seed.case, `bill.${field}`, x)
    const xs = amountsFor(probe, seed, field)
    let [lastX, last] = [-1, null as ReturnType<Probe['inHand']> | null]
    for (const x of xs) {
      const here = probe.inHand(at(x))
      if (last && here.asks === last.asks && here.total < last.total) {
        const from = last.total
        const [low, high] = narrow(lastX, x, (y) => probe.inHand(at(y)).total < from)
        const [less, more] = [probe.inHand(at(high)), probe.inHand(at(low))]
        if (less.total < more.total) tellCliff(at(low), at(high), `bill.${field}`, more.judged, less.judged, report)
      }
      ;[lastX, last] = [x, here]
    }
    for (const { text } of seed.judged.map((each) => each.part)) {
      if (text.id !== part.id || !isIndemnity(edition, text)) continue
      const above = (x: number): boolean => paidBy(probe.judge(at(x)), text.id) > costOf(edition, text, at(x))
      const i = xs.findIndex(above)
      const x = xs[i]
      if (x === undefined) continue
      const [, smallest] = narrow(xs[i - 1] ?? 0, x, above)
      if (!isNew(report, `cost ${text.id}`)) continue
      const benefit = paidBy(probe.judge(at(smallest)), text.id)
      report(
        'benefit_above_cost',
        `parts.${text.id}`,
        `“${text.title}”是补偿，却多于花的钱：${caseInWords(at(smallest))}，花 ${yuan(costOf(edition, text, at(smallest)))} 元，领 ${yuan(benefit)} 元`,
      )
    }
  }
}

const paidBy = (judged: readonly Judged[], id: string): number => {
  for (const each of judged) if (each.part.text.id === id) return each.benefitFen
  return 0
}

/** Whose benefit fell most between two cases. */
const fellMost = (more: readonly Judged[], less: readonly Judged[]): string => {
  let [most, id] = [-1, '']
  for (const { part, benefitFen } of more) {
    const fall = benefitFen - paidBy(less, part.text.id)
    if (fall > most) [most, id] = [fall, part.text.id]
  }
  return id
}
const sum = (judged: readonly Judged[]): number => judged.reduce((all, each) => all + each.benefitFen, 0)

const cliffs = new WeakMap<Report, Set<string>>()
/** One cliff for each part and what moves: the first met is of the smallest amount. */
const isNew = (report: Report, key: string): boolean => {
  const told = cliffs.get(report) ?? new Set<string>()
  cliffs.set(report, told)
  if (told.has(key)) return false
  told.add(key)
  return true
}

const tellCliff = (
  low: Case,
  high: Case,
  what: string,
  more: readonly Judged[],
  less: readonly Judged[],
  report: Report,
): void => {
  const id = fellMost(more, less)
  if (!isNew(report, `cliff ${id} ${what}`)) return
  const [group, name = ''] = what.split('.')
  const said = (facts: Case) =>
    group === 'bill' ? `${yuan(facts.event.bill?.[name] ?? 0)} 元` : `${facts.event.days?.[name] ?? 0} 天`
  report(
    'cliff',
    `parts.${id}`,
    `${caseInWords(low, [what])}：${factName(what)} ${said(low)}，共领 ${yuan(sum(more))} 元；${said(high)}，共领 ${yuan(sum(less))} 元，反而少 ${yuan(sum(more) - sum(less))} 元`,
  )
}

const sweepDays = (probe: Probe, seed: Reached, report: Report): void => {
  for (const kind of Object.keys(seed.case.event.days ?? {})) {
    const at = (x: number): Case => probe.with(seed.case, `days.${kind}`, x)
    const xs = new Set<number>()
    for (let x = 0; x <= 40; x += 1) xs.add(x)
    for (const edge of [...probe.words.days, ...probe.words.days.map((each) => 2 * each), 4_000])
      for (const x of [edge - 1, edge, edge + 1]) if (x >= 0 && x <= 20_000) xs.add(x)
    let [lastX, last] = [-1, null as ReturnType<Probe['inHand']> | null]
    for (const x of [...xs].sort((a, b) => a - b)) {
      if (probe.spent) return
      const here = probe.inHand(at(x))
      if (last && here.asks === last.asks && here.total < last.total) {
        const from = last.total
        const [low, high] = narrow(lastX, x, (y) => probe.inHand(at(y)).total < from)
        const [less, more] = [probe.inHand(at(high)), probe.inHand(at(low))]
        if (less.total < more.total) tellCliff(at(low), at(high), `days.${kind}`, more.judged, less.judged, report)
      }
      ;[lastX, last] = [x, here]
    }
  }
}

// ---- waiting -----------------------------------------------------------------------------------------------------

const onDay = (facts: Case, nth: number): Case => {
  const on = addDays(day(facts.cover.from), nth - 1)
  return {
    ...facts,
    event: { ...facts.event, dates: Object.fromEntries(Object.keys(facts.event.dates).map((name) => [name, on])) },
  }
}

/** Each side of a waiting edge: not more before it than after it, and not twice for one illness. */
const aroundWaiting = (probe: Probe, seed: Reached, report: Report): void => {
  const { resolved, part } = seed.own
  const { text } = part
  if (!resolved?.waiting || probe.spent) return
  const at = `parts.${text.id}.waiting`
  const { windows } = resolved.waiting
  windows.forEach((window, i) => {
    const [before, after] = [onDay(seed.case, window.through), onDay(seed.case, window.through + 1)]
    const [paidBefore, paidAfter] = [before, after].map((facts) =>
      probe.judge(facts).find((each) => each.part.text.id === text.id),
    )
    if (!paidBefore || !paidAfter || paidAfter.refused?.code === 'outside_cover') return
    if (paidBefore.window === i && paidBefore.benefitFen > paidAfter.benefitFen)
      report(
        'waiting_pays_more',
        `${at}[${i}]`,
        `${caseInWords(before, ['dates'])}：保障第 ${window.through} 天领 ${yuan(paidBefore.benefitFen)} 元，晚一天（已过这一段）只领 ${yuan(paidAfter.benefitFen)} 元`,
      )
    if (paidBefore.window !== i || paidBefore.benefitFen === 0) return
    const earlier = earlierOf(probe.edition, before, paidBefore, 'condolence')
    const full = onDay(seed.case, (windows.at(-1)?.through ?? window.through) + 1)
    const then = probe.judge({ ...full, earlier: [earlier] }).find((each) => each.part.text.id === text.id)
    if (then && then.benefitFen > 0 && 'diagnosis' in (seed.case.event.codes ?? {}))
      report(
        'waiting_pays_twice',
        `${at}[${i}]`,
        `${caseInWords(before, ['dates'])}：保障第 ${window.through} 天领 ${yuan(paidBefore.benefitFen)} 元，第 ${dayOfCover(full)} 天同一种病又领 ${yuan(then.benefitFen)} 元；没有写 ends_cover、ends_parts 或 bars_illness`,
      )
  })
}

const dayOfCover = (facts: Case): number =>
  dayCount(String(Object.values(facts.event.dates)[0])) - dayCount(facts.cover.from) + 1

/** A judged part as a later claim counts it. */
export const earlierOf = (edition: Edition, facts: Case, judged: Judged, eventKey: string): Earlier => {
  const made = assessmentOf(edition, facts, judged)
  const cause = facts.event.codes?.same_cause
  const beneficiary = facts.event.codes?.beneficiary
  return {
    coverId: facts.cover.coverId,
    plan: edition.plan,
    part: made.part,
    eventKey,
    keyOn: made.keyOn ?? facts.cover.from,
    benefitFen: made.benefitFen,
    base: made.base,
    days: made.days,
    paidDays: made.paidDays,
    startedOn: facts.event.dates.admission ?? null,
    cause: typeof cause === 'string' ? cause : null,
    beneficiary: typeof beneficiary === 'string' ? beneficiary : null,
    barsIllness: made.barsIllness,
    endsCover: made.endsCover,
    endsParts: made.endsParts,
  }
}

// ---- equal treatment ---------------------------------------------------------------------------------------------

const sexSaid = /男|女|性别/
const ageSaid = /岁|龄|退休/

/** The clauses that a part stands on, in their own words, and its family: what they say openly is not unequal unseen. */
const saidOpenly = (edition: Edition, judged: readonly Judged[], words: RegExp): boolean => {
  const cited = new Set<string>()
  for (const { part, ops, resolved } of judged) {
    cited.add(part.text.clause)
    for (const op of resolved?.ops ?? ops) cited.add(op.clause)
    for (const condition of part.text.conditions) if (condition.clause) cited.add(condition.clause)
  }
  for (const each of [...edition.excludes, ...Object.values(edition.classes)]) if (each.clause) cited.add(each.clause)
  return [...cited].some((clause) => words.test(edition.clauses[clause] ?? ''))
}

const otherSexOrDay = (probe: Probe, seed: Reached, report: Report): void => {
  const { edition } = probe
  if (probe.spent) return
  const tell = (code: 'unequal_sex' | 'unequal_age', one: Case, other: Case, words: (facts: Case) => string) => {
    const [a, b] = [probe.inHand(one), probe.inHand(other)]
    if (a.asks !== b.asks || a.total === b.total) return
    const [more, less] = a.total > b.total ? [a, b] : [b, a]
    const [moreCase, lessCase] = a.total > b.total ? [one, other] : [other, one]
    const id = fellMost(more.judged, less.judged)
    const concerned = more.judged.filter((each) => each.part.text.id === id)
    if (saidOpenly(edition, concerned, code === 'unequal_sex' ? sexSaid : ageSaid)) return
    if (!isNew(report, `${code} ${id}`)) return
    report(
      code,
      `parts.${id}`,
      `${caseInWords(moreCase, ['codes.sex', 'codes.age'])}：${words(moreCase)}领 ${yuan(more.total)} 元，${words(lessCase)}领 ${yuan(less.total)} 元，条款里没有写明这一区别`,
    )
  }
  if (probe.words.facts.has('sex') && !['women', 'maternity'].includes(edition.family) && !edition.who.sex)
    tell('unequal_sex', probe.with(seed.case, 'codes.sex', 'F'), probe.with(seed.case, 'codes.sex', 'M'), (facts) =>
      facts.person?.sex === 'F' ? '女职工' : '男职工',
    )
  if (['pension', 'unemployment'].includes(edition.family)) return
  for (const age of probe.words.facts.get('age') ?? []) {
    if (typeof age !== 'number' || age <= 0) continue
    // Her birthday is today, or tomorrow: one day of age between the two.
    const older = probe.with(seed.case, 'codes.age', age)
    const born = older.person?.bornOn
    if (!born) continue
    const younger = { ...older, person: { ...older.person, bornOn: addDays(day(born), 1) } }
    tell('unequal_age', older, younger, (facts) => `${facts.person?.bornOn} 出生的人`)
  }
}

// ---- limits ------------------------------------------------------------------------------------------------------

const mostRepeats = 40

/** The case that pays most, claimed again and again in one cover: which limits are ever met. */
const repeat = (probe: Probe, { paying }: ReachedPart): void => {
  const richest = [...paying].sort((a, b) => b.own.benefitFen - a.own.benefitFen).slice(0, 2)
  for (const seed of richest) {
    let earlier: Earlier[] = []
    for (let nth = 0; nth < mostRepeats && !probe.spent; nth += 1) {
      const facts = { ...onDay(seed.case, dayOfCover(seed.case) + nth), eventKey: `claim-${nth}`, earlier }
      const judged = probe.judge(facts)
      const paid = judged.filter((each) => each.counts)
      if (paid.length === 0) break
      earlier = [...earlier, ...paid.map((each) => earlierOf(probe.edition, facts, each, `claim-${nth}`))]
    }
  }
}

const tellUnbound = (probe: Probe, reached: readonly ReachedPart[], report: Report): void => {
  const { edition } = probe
  for (const { part, paying } of reached) {
    if (paying.length === 0) continue
    const at = (i: number) => `parts.${part.id}.steps[${i}]`
    const most = part.claims_most
    const limit = most ? Math.max(0, ...numbersOf(edition, most.value)) : Number.POSITIVE_INFINITY
    const once = part.ends_cover?.when === true
    const ownMost = most !== undefined && most.over === 'part'
    if (ownMost && once && limit > 1 && most.within === 'cover')
      report(
        'limit_never_binds',
        `parts.${part.id}.claims_most`,
        `最多 ${limit} 次，但第一次给付后保障就终止：第二次永远不会有`,
      )
    const richest = Math.max(...paying.map((each) => each.own.benefitFen))
    part.steps.forEach((step, i) => {
      if (probe.bound.has(`${part.id}#${i}`)) return
      const about = (name: string) => `${edition.values[name]?.about ?? edition.bases[name]?.about ?? name}`
      if ('at_most' in step) {
        // Claims without end meet every cap; only a cap on few claims may lie above all they can give.
        const few = step.within === 'event' || once || (ownMost && limit <= mostRepeats)
        if (step.over !== 'part' || !few) return
        const [cap] = numbersOf(edition, step.at_most)
        if (cap === undefined || cap <= richest) return
        report(
          'limit_never_binds',
          at(i),
          `${about(step.at_most)} ${yuan(cap)} 元永远到不了：前面的步骤最多给付 ${yuan(richest)} 元${limit <= mostRepeats ? `，最多 ${limit} 次` : ''}`,
        )
      } else if ('not_above' in step)
        report('limit_never_binds', at(i), `“不超过${about(step.not_above)}”从不起作用：前面的步骤给的从不比它多`)
      else if ('at_least' in step) {
        const [floor] = numbersOf(edition, step.at_least)
        report(
          'limit_never_binds',
          at(i),
          `${about(step.at_least)} ${yuan(floor ?? 0)} 元从不起作用：只要有给付，就不少于它`,
        )
      } else if ('per_day' in step && step.most_days)
        report('limit_never_binds', at(i), `${about(step.most_days)}从不起作用：没有一次会超过`)
    })
    part.steps.forEach((step, i) => {
      const next = part.steps[i + 1]
      if (!('per_day' in step) || !step.most_days || !next || !('at_most' in next) || next.over !== 'part') return
      const [perDay, days, cap] = [step.per_day, step.most_days, next.at_most].map((name) => numbersOf(edition, name))
      if (perDay?.length !== 1 || days?.length !== 1 || cap?.length !== 1) return
      const [each = 0, count = 0, top = 0] = [perDay[0], days[0], cap[0]]
      if (each * count > top && each > 0)
        report(
          'limit_never_binds',
          at(i),
          `最多 ${count} 天从不起作用：每天 ${yuan(each)} 元，到第 ${Math.ceil(top / each)} 天就先到了最高 ${yuan(top)} 元`,
        )
    })
  }
}
