import { addDays, type CivilDate, day, daysBetween } from '#kernel/days.ts'
import { yuan } from '#kernel/money.ts'
import type { Edition } from './edition.ts'
import { factName } from './explain.ts'
import { type Case, dayCount } from './facts.ts'
import { isBands, isPaidDays, isTable } from './figures.ts'
import { termStarting } from './joining.ts'
import { type Judged, judge, traced } from './judge.ts'
import { dateNames, type PartText } from './language.ts'

type Told = string | number

/** What the edition's own words and figures are: the points of its input space where something may change. */
export interface Vocabulary {
  /** for each fact that a condition or a table asks for, the answers that the edition tells apart, and one it does not know */
  readonly facts: ReadonlyMap<string, readonly Told[]>
  /** amounts in fen, days and counts that the edition names anywhere, ascending */
  readonly amounts: readonly number[]
  readonly days: readonly number[]
  /** bill fields that some base adds; one that a base takes off is in `takenOff` */
  readonly added: ReadonlySet<string>
  readonly takenOff: ReadonlySet<string>
}

/** An answer that no edition names: everybody else. */
export const somethingElse = 'zz_other'
const mostProbed = 10_000_000_000

const plainNodes = function* (node: unknown): Generator<Record<string, unknown>> {
  if (Array.isArray(node)) for (const each of node) yield* plainNodes(each)
  else if (node && typeof node === 'object') {
    yield node as Record<string, unknown>
    for (const each of Object.values(node)) yield* plainNodes(each)
  }
}

/** The numbers that a value stands at on any day and for any class. */
export const numbersOf = (edition: Edition, name: string): number[] => {
  const value = edition.values[name]
  if (!value) return []
  return [...value.dated, ...Object.values(value.classes).flat()].flatMap(({ value: is }) =>
    typeof is === 'number' ? [is] : [],
  )
}

const keyAsTold = (key: string): Told => (/^\d{1,9}$/.test(key) ? Number(key) : key)

/** The answers to a fact that these conditions and steps tell apart; those that satisfy a condition come first. */
const answers = (edition: Edition, within: unknown): Map<string, Told[]> => {
  const found = new Map<string, { liked: Told[]; others: Told[] }>()
  const of = (fact: string) => {
    const known = found.get(fact) ?? { liked: [], others: [] }
    found.set(fact, known)
    return known
  }
  for (const node of plainNodes(within)) {
    if (typeof node.fact === 'string') {
      const { liked, others } = of(node.fact)
      if (Array.isArray(node.is)) liked.push(...node.is.map((each) => keyAsTold(String(each))))
      if (Array.isArray(node.is_not)) {
        others.push(...node.is_not.map((each) => keyAsTold(String(each))))
        liked.push(somethingElse)
      }
      if (typeof node.on_list === 'string')
        liked.push(...Object.keys(edition.lists[node.on_list]?.codes ?? {}).slice(0, 60))
      if (typeof node.not_on_list === 'string') {
        others.push(...Object.keys(edition.lists[node.not_on_list]?.codes ?? {}).slice(0, 2))
        liked.push(somethingElse)
      }
      for (const [key, sign] of [
        ['at_least', 1],
        ['at_most', -1],
      ] as const)
        if (typeof node[key] === 'string')
          for (const edge of numbersOf(edition, node[key])) {
            liked.push(edge, edge + sign)
            if (edge - sign >= 0) others.push(edge - sign)
          }
    }
    if (typeof node.by === 'string' && !('band_of' in node)) {
      const { liked, others } = of(node.by)
      for (const name of Object.values(node))
        for (const each of typeof name === 'string' ? (edition.values[name]?.dated ?? []) : [])
          if (isTable(each.value)) {
            const keys = Object.keys(each.value)
            liked.push(...keys.filter((key) => key !== 'other' && key !== 'later').map(keyAsTold))
            if (keys.includes('later')) others.push(99)
            others.push(somethingElse)
          }
    }
    if (typeof node.times === 'string' && Object.keys(node).length <= 2) of(node.times).liked.push(1, 2, 30)
  }
  const facts = new Map<string, Told[]>()
  for (const [fact, { liked, others }] of found) facts.set(fact, [...new Set([...liked, ...others])])
  return facts
}

/** Everything of the edition that conditions and steps ask for. */
export const vocabularyOf = (edition: Edition): Vocabulary => {
  const facts = answers(edition, [edition.parts, edition.classes, edition.excludes])
  if (edition.parts.some((part) => part.waiting?.not_for_accidents))
    facts.set('cause', [...new Set([...(facts.get('cause') ?? []), 'disease', 'accident'])])
  const amounts = new Set<number>()
  const days = new Set<number>()
  for (const value of Object.values(edition.values))
    for (const { value: is } of [...value.dated, ...Object.values(value.classes).flat()]) {
      const into = value.unit === 'yuan' ? amounts : value.unit === 'days' || value.unit === 'count' ? days : null
      if (typeof is === 'number') into?.add(is)
      else if (isBands(is)) {
        const along = is.some((band) => band.over >= 1_000 || (Number.isFinite(band.to) && band.to >= 1_000))
        for (const band of is)
          for (const edge of [band.over, band.to]) if (Number.isFinite(edge)) (along ? amounts : days).add(edge)
      } else if (isPaidDays(is)) for (const row of is) for (const edge of [row.over, row.to]) days.add(edge)
      else for (const amount of Object.values(is as Record<string, number>)) into?.add(amount)
    }
  const [added, takenOff] = [new Set<string>(), new Set<string>()]
  for (const base of Object.values(edition.bases))
    for (const [field, weight] of Object.entries(base.sum)) (weight.startsWith('-') ? takenOff : added).add(field)
  const ascending = (set: Set<number>, most: number) =>
    [...set].filter((each) => each >= 0 && each <= most).sort((a, b) => a - b)
  return { facts, amounts: ascending(amounts, mostProbed), days: ascending(days, 20_000), added, takenOff }
}

/** A case that was worked through to its end for one part: nothing more is asked for. */
export interface Reached {
  readonly case: Case
  readonly judged: readonly Judged[]
  readonly own: Judged
}

const coverFacts = ['option', 'shares', 'enrolment', 'unit_kind', 'sex', 'age']

/**
 * Looks over the input space of one edition with the evaluator itself. It asks as a counter would: whatever a part says it
 * must know is answered by each word or figure that the edition tells apart. Deterministic, and bounded by `most` judgements.
 */
export class Probe {
  readonly edition: Edition
  readonly words: Vocabulary
  readonly most: number
  judgements = 0
  /** the limits of a part that were seen to bind: `part#index of the step` */
  readonly bound = new Set<string>()

  constructor(edition: Edition, most: number) {
    this.edition = edition
    this.most = most
    this.words = vocabularyOf(edition)
  }

  get spent(): boolean {
    return this.judgements >= this.most
  }

  judge(facts: Case): Judged[] {
    this.judgements += 1
    const judged = judge(this.edition, facts)
    for (const each of judged) this.noteLimits(each)
    return judged
  }

  private noteLimits({ part, ops, resolved, trace }: Judged): void {
    if (!resolved || ops !== resolved.ops) return
    for (const [i, op] of ops.entries()) {
      const [before, paid, , after] = traced(trace, i)
      const binds =
        op.kind === 'at_most' || op.kind === 'not_above'
          ? after < before
          : op.kind === 'at_least'
            ? after > before
            : op.kind === 'per_day' && paid < Math.max(0, before - op.m)
      if (binds) this.bound.add(`${part.text.id}#${i}`)
    }
  }

  /** What she has in hand from all parts together, and what was still asked for. */
  inHand(facts: Case): { total: number; asks: string; judged: Judged[] } {
    const judged = this.judge(facts)
    let total = 0
    const asks: string[] = []
    for (const each of judged) {
      total += each.benefitFen
      asks.push(...each.missing)
    }
    return { total, asks: asks.join(), judged }
  }

  /** A first case: an event of a kind on a day of the cover, of a person of whom nothing is known yet. */
  start(kind: string, from: CivilDate, option: string | null, dayOfCover: number): Case {
    const until = termStarting(
      {
        ...this.edition,
        term: {
          ...this.edition.term,
          starts: this.edition.term.starts === 'open' ? 'open' : 'day_after_money_and_papers',
        },
      },
      addDays(from, -1),
      null,
      option,
    )?.until
    const last = until && until < '9999' ? daysBetween(from, until) : 100_000
    const on = addDays(from, Math.min(dayOfCover, last) - 1)
    return {
      cover: { coverId: 1, from, until: until ?? from, shares: 1, option, continuous: false, coveredBefore: false },
      event: { kind, dates: Object.fromEntries(dateNames.map((name) => [name, on])), bill: {}, days: {}, codes: {} },
      eventKey: 'this',
      earlier: [],
      person: { sex: null, bornOn: null },
    }
  }

  /** The answers worth trying to what a part asks; those of the part itself first, which it likes. */
  answersTo(want: string, part: PartText | null): readonly Told[] {
    const [group = '', name = ''] = [want.slice(0, want.indexOf('.')), want.slice(want.indexOf('.') + 1)]
    if (group === 'bill') {
      if (name === 'chosen_amount') return this.words.amounts.length > 0 ? this.words.amounts : [100]
      if (this.words.takenOff.has(name) && !this.words.added.has(name)) return [0]
      const top = this.words.amounts.filter((each) => each <= 100_000_000).at(-1) ?? 1_000_000
      return [Math.max(2_000_000, top * 2), 100_000]
    }
    if (group === 'days') return [Math.min(30, (this.words.days.at(-1) ?? 10) + 1), 1, 400]
    if (group === 'dates') return []
    const own = part ? (answers(this.edition, part).get(name) ?? []) : []
    const all = this.words.facts.get(name) ?? []
    if (name === 'sex') return ['F', 'M']
    const told = [...new Set([...own, ...all, somethingElse])]
    return name === 'age' ? [...told.filter((each) => typeof each === 'number'), 40] : told
  }

  /** The case with one more thing known. */
  with(facts: Case, want: string, told: Told): Case {
    const [group = '', name = ''] = [want.slice(0, want.indexOf('.')), want.slice(want.indexOf('.') + 1)]
    const { cover, event } = facts
    if (group === 'bill') return { ...facts, event: { ...event, bill: { ...event.bill, [name]: Number(told) } } }
    if (group === 'days') return { ...facts, event: { ...event, days: { ...event.days, [name]: Number(told) } } }
    if (group === 'dates') return { ...facts, event: { ...event, dates: { ...event.dates, [name]: String(told) } } }
    if (name === 'option') return { ...facts, cover: { ...cover, option: String(told) } }
    if (name === 'shares') return { ...facts, cover: { ...cover, shares: Number(told) || 1 } }
    if (name === 'enrolment')
      return { ...facts, cover: { ...cover, continuous: told === 'renewing', coveredBefore: told === 'renewing' } }
    if (name === 'unit_kind') return { ...facts, cover: { ...cover, unitKind: String(told) } }
    if (name === 'sex') return { ...facts, person: { ...facts.person, sex: told === 'M' ? 'M' : 'F' } }
    if (name === 'age') {
      const on = String(Object.values(event.dates)[0])
      const year = Number(on.slice(0, 4)) - Number(told)
      const born = on.slice(5) === '02-29' ? `${year}-02-28` : `${year}-${on.slice(5)}`
      return { ...facts, person: { ...facts.person, bornOn: born } }
    }
    return { ...facts, event: { ...event, codes: { ...event.codes, [name]: told } } }
  }

  /** Works a part through to its end from a first case, answering what it asks in every way, at most `most` judgements. */
  reach(part: PartText, first: Case, most: number, found: (reached: Reached) => void): void {
    let left = most
    const go = (facts: Case, depth: number): void => {
      if (left <= 0 || this.spent) return
      left -= 1
      const judged = this.judge(facts)
      const own = judged.find((each) => each.part.text.id === part.id)
      if (!own) return
      const [want] = own.missing
      if (want === undefined) found({ case: facts, judged, own })
      else if (depth < 12) for (const told of this.answersTo(want, part)) go(this.with(facts, want, told), depth + 1)
    }
    go(first, 0)
  }

  /** Whether a fact is one of cover or person, which a first case always knows or a part never asks for. */
  isOfCover(fact: string): boolean {
    return coverFacts.includes(fact)
  }
}

/** Of two amounts between which something falls, the two next to each other where it falls. Finds them by halves. */
export const narrow = (low: number, high: number, falls: (x: number) => boolean): [number, number] => {
  let [a, b] = [low, high]
  while (b - a > 1) {
    const middle = Math.floor((a + b) / 2)
    if (falls(middle)) b = middle
    else a = middle
  }
  return [a, b]
}

const eventWords: Readonly<Record<string, string>> = {
  inpatient_stay: '住院',
  outpatient: '门诊',
  outpatient_listed: '规定病种门诊',
  emergency_observation: '急诊留观',
  home_sickbed: '家庭病床',
  diagnosis: '确诊',
  operation: '手术',
  accident: '意外',
  disability: '伤残评定',
  death: '身故',
  birth: '生育',
  job_loss: '失业',
  age_reached: '到龄',
  property_loss: '财产损失',
  year_closed: '年度结束',
}

/** A case in a member's words, short: the event, its day, the bill in yuan, the days, what is known. */
export const caseInWords = (facts: Case, leaveOut: readonly string[] = []): string => {
  const { event, cover, person } = facts
  const on = Object.values(event.dates)[0]
  const nth = on ? dayCount(on) - dayCount(cover.from) + 1 : 1
  const told = (name: string, words: string) => (leaveOut.includes(name) ? [] : [words])
  return [
    eventWords[event.kind] ?? event.kind,
    ...(on ? told('dates', `保障第 ${nth} 天（${on}）`) : []),
    ...(cover.option ? told('codes.option', `${cover.option} 档`) : []),
    ...(cover.shares > 1 ? told('codes.shares', `${cover.shares} 份`) : []),
    ...(person?.sex ? told('codes.sex', person.sex === 'F' ? '女' : '男') : []),
    ...(person?.bornOn ? told('codes.age', `${person.bornOn} 出生`) : []),
    ...Object.entries(event.codes ?? {}).flatMap(([name, is]) =>
      told(`codes.${name}`, `${factName(`codes.${name}`)} ${is === somethingElse ? '（其他）' : is}`),
    ),
    ...Object.entries(event.bill ?? {}).flatMap(([name, amount]) =>
      told(`bill.${name}`, `${factName(`bill.${name}`)} ${yuan(amount)} 元`),
    ),
    ...Object.entries(event.days ?? {}).flatMap(([name, count]) =>
      told(`days.${name}`, `${factName(`days.${name}`)} ${count} 天`),
    ),
  ].join('，')
}

/** The days from which the edition is probed: its first, and each later one on which a figure changes (at most three). */
export const probedFrom = (edition: Edition): CivilDate[] => {
  const { from, through } = edition.in_force
  const changes = new Set<string>()
  for (const value of Object.values(edition.values))
    for (const { from: since } of [...value.dated, ...Object.values(value.classes).flat()])
      if (since > from && (!through || since <= through)) changes.add(since)
  return [day(from), ...[...changes].sort().slice(-2).map(day)]
}
