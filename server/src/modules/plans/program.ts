import { assert } from '#kernel/assert.ts'
import { benefitOf, benefitsBefore } from './check-references.ts'
import type { Edition } from './edition.ts'
import {
  asNumber,
  type Band,
  type DatedFigure,
  figureOf,
  fractionOf,
  type PaidDays,
  type Table,
  type Unit,
} from './figures.ts'
import type { OneConditionText, OverText, PartText, StepText, WindowText } from './language.ts'

/** A figure as a step used it: what it is, its value, since when and by which clause. */
export interface Parameter {
  readonly name: string
  readonly about: string
  readonly unit: Unit
  readonly value: DatedFigure['value']
  readonly since: string
  readonly clause: string
  readonly resolution?: string | undefined
  readonly ours: boolean
}

/** A bill field (or an earlier part's benefit) and how much of it a base takes. */
export interface Term {
  readonly field: string
  readonly from: 'bill' | 'benefit_of' | 'benefits_before'
  /** parts of `of`, with sign: -1/1 takes it off, 1000/10000 takes a tenth */
  readonly weight: number
  readonly of: number
}
export interface Base {
  readonly name: string
  readonly terms: readonly Term[]
  readonly halfUp: boolean
  readonly parameters: readonly Parameter[]
}

export interface Counted {
  readonly within: 'event' | 'cover' | 'calendar_year' | 'insurance_year' | 'life' | 'last_days'
  readonly lastDays: number
  readonly over: 'part' | 'plan' | 'parts' | 'plans'
  readonly names: readonly string[]
}

export const stepKinds = [
  'amount',
  'bands',
  'rate_of_band',
  'rate',
  'less',
  'per_day',
  'per_paid_day',
  'table',
  'bracket',
  'from',
  'per_share',
  'times',
  'share_in_cover',
  'at_least',
  'at_most',
  'not_above',
  'less_paid',
  'top_up_to',
  'chosen_from',
] as const
export type StepKind = (typeof stepKinds)[number]

/** A step with its figures in place: what the evaluator runs, a million times over. */
export interface Op {
  readonly kind: StepKind
  readonly clause: string
  readonly parameters: readonly Parameter[]
  readonly n: number
  readonly m: number
  readonly k: number
  readonly den: number
  readonly halfUp: boolean
  readonly bands: readonly Band[]
  readonly paidDays: readonly PaidDays[]
  readonly table: Table | null
  /** null: the result before */
  readonly base: Base | null
  readonly by: string
  readonly by2: string
  readonly counted: Counted | null
  readonly overCover: boolean
}

export interface ResolvedWaiting {
  readonly notWhenContinuous: boolean
  readonly onlyFirst: boolean
  readonly notForAccidents: boolean
  readonly fromApplication: boolean
  readonly windows: readonly {
    readonly through: number
    readonly ops: readonly Op[] | null
    readonly endsCover: boolean
    readonly endsParts: readonly string[]
    readonly clause: string
  }[]
}

/** A part with every figure of one stretch of days and one class of persons in place. */
export interface Resolved {
  readonly ops: readonly Op[]
  readonly base: Base | null
  readonly waiting: ResolvedWaiting | null
  readonly claimsMost: {
    readonly limit: number
    readonly counted: Counted
    readonly perBeneficiary: boolean
    readonly clause: string
  } | null
  readonly sameCauseDays: number
  readonly schedule: { readonly everyMonths: number; readonly times: number } | null
  /** a figure that a body has still to resolve, or that no text gives; the part waits for it */
  readonly awaits: { readonly what: string; readonly clause: string; readonly unknown: boolean } | null
  numberOf(name: string): number
  baseOf(name: string): Base
}

export interface CompiledPart {
  readonly text: PartText
  readonly index: number
  resolve(on: string, personClass: string | null): Resolved
}

export interface Program {
  readonly edition: Edition
  partsFor(kind: string): readonly CompiledPart[]
}

const programs = new WeakMap<Edition, Program>()

/** An edition made ready to judge by; made once and kept as long as the edition is. */
export const programOf = (edition: Edition): Program => {
  let program = programs.get(edition)
  if (!program) {
    program = compileProgram(edition)
    programs.set(edition, program)
  }
  return program
}

const none: readonly CompiledPart[] = []

const compileProgram = (edition: Edition): Program => {
  const parts = edition.parts.map((text, index) => compiledPart(edition, text, index))
  const byKind = new Map<string, CompiledPart[]>()
  for (const part of parts) for (const kind of part.text.events) byKind.set(kind, [...(byKind.get(kind) ?? []), part])
  return { edition, partsFor: (kind) => byKind.get(kind) ?? none }
}

/** The days on which any figure of the edition changes: between two of them every part resolves to the same. */
const changesOf = (edition: Edition): string[] => {
  const days = new Set<string>()
  for (const value of Object.values(edition.values))
    for (const each of [...value.dated, ...Object.values(value.classes).flat()]) days.add(each.from)
  return [...days].sort()
}

const compiledPart = (edition: Edition, text: PartText, index: number): CompiledPart => {
  const changes = changesOf(edition)
  const kept = new Map<string | null, (Resolved | undefined)[]>()
  return {
    text,
    index,
    resolve: (on, personClass) => {
      let stretches = kept.get(personClass)
      if (!stretches) {
        stretches = new Array(changes.length + 1)
        kept.set(personClass, stretches)
      }
      let stretch = changes.length
      while (stretch > 0 && (changes[stretch - 1] ?? '') > on) stretch -= 1
      let found = stretches[stretch]
      if (!found) {
        found = resolvePart(edition, text, changes[stretch - 1] ?? on, personClass)
        stretches[stretch] = found
      }
      return found
    },
  }
}

const resolvePart = (edition: Edition, part: PartText, on: string, personClass: string | null): Resolved => {
  let awaits: Resolved['awaits'] = null
  const parameter = (name: string): Parameter => {
    const value = edition.values[name]
    assert(value, `the edition has no figure ${name}`)
    const figure = figureOf(value, on, personClass)
    if (!figure) {
      awaits ??= { what: value.awaits ?? value.about, clause: part.clause, unknown: value.unknown }
      return { name, about: value.about, unit: value.unit, value: 0, since: on, clause: part.clause, ours: false }
    }
    const { value: is, from: since, clause, resolution, ours } = figure
    return {
      name,
      about: value.about,
      unit: value.unit,
      value: is,
      since,
      clause,
      ours,
      ...(resolution ? { resolution } : {}),
    }
  }
  const numbers = new Map<string, number>()
  const numberOf = (name: string): number => {
    const known = numbers.get(name)
    if (known !== undefined) return known
    const { value } = parameter(name)
    assert(typeof value === 'number', `${name} is a table, not a number`)
    numbers.set(name, value)
    return value
  }
  const denominator = (unit: Unit): number => (unit === 'fraction' ? fractionOf : 10_000)
  const bases = new Map<string, Base>()
  const baseOf = (name: string): Base => {
    const known = bases.get(name)
    if (known) return known
    const text = edition.bases[name]
    assert(text, `the edition has no base ${name}`)
    const parameters: Parameter[] = []
    const terms = Object.entries(text.sum).map(([field, said]): Term => {
      const from = field === benefitsBefore ? 'benefits_before' : field.startsWith(benefitOf) ? 'benefit_of' : 'bill'
      const plain = from === 'benefit_of' ? field.slice(benefitOf.length) : field
      if (said === '+1' || said === '-1') return { field: plain, from, weight: Number(said), of: 1 }
      const share = parameter(said.replace('-', ''))
      parameters.push(share)
      const weight = asNumber(share as unknown as DatedFigure, said)
      return { field: plain, from, weight: said.startsWith('-') ? -weight : weight, of: denominator(share.unit) }
    })
    const base = { name, terms, halfUp: text.rounding === 'half-up', parameters }
    bases.set(name, base)
    return base
  }
  const counted = (within: WindowText, over: OverText): Counted => ({
    within: typeof within === 'object' ? 'last_days' : within,
    lastDays: typeof within === 'object' ? numberOf(within.last_days) : 0,
    over: typeof over === 'string' ? over : 'parts' in over ? 'parts' : 'plans',
    names: typeof over === 'string' ? [] : 'parts' in over ? over.parts : over.plans,
  })
  // What is worked out by a figure of her class stands on that figure's clause, unless the step names its own.
  const opsOf = (steps: readonly StepText[]): Op[] =>
    steps.map((step) => {
      const op = opOf(step)
      if (step.clause || personClass === null) return op
      const ofClass = op.parameters.find((each) => edition.values[each.name]?.classes[personClass])
      return ofClass ? { ...op, clause: ofClass.clause } : op
    })
  const opOf = (step: StepText): Op => {
    const blank = {
      clause: step.clause ?? part.clause,
      parameters: [] as readonly Parameter[],
      n: 0,
      m: 0,
      k: 0,
      den: 10_000,
      halfUp: 'rounding' in step && step.rounding === 'half-up',
      bands: [] as readonly Band[],
      paidDays: [] as readonly PaidDays[],
      table: null as Table | null,
      base: null as Base | null,
      by: '',
      by2: '',
      counted: null as Counted | null,
      overCover: false,
    }
    const base = (name: string): Base | null => (name === 'amount' ? null : baseOf(name))
    /** One figure that may be a row of a table by a fact. */
    const one = (name: string, by: string | undefined) => {
      const used = parameter(name)
      return by === undefined
        ? { parameters: [used], n: typeof used.value === 'number' ? used.value : 0 }
        : { parameters: [used], table: typeof used.value === 'object' ? (used.value as Table) : {}, by }
    }
    const banded = (name: string) => {
      const used = parameter(name)
      return { parameters: [used], bands: (typeof used.value === 'object' ? used.value : []) as readonly Band[] }
    }
    if ('amount' in step) return { ...blank, kind: 'amount', ...one(step.amount, undefined) }
    if ('bands' in step) return { ...blank, kind: 'bands', ...banded(step.bands), base: base(step.of) }
    if ('rate_of_band' in step)
      return { ...blank, kind: 'rate_of_band', ...banded(step.rate_of_band), base: base(step.of) }
    if ('rate' in step) {
      const rate = one(step.rate, step.by)
      return {
        ...blank,
        kind: 'rate',
        ...rate,
        base: base(step.of),
        den: denominator(rate.parameters[0]?.unit ?? 'percent'),
      }
    }
    if ('less_paid' in step) return { ...blank, kind: 'less_paid', counted: counted(step.within, step.over) }
    if ('less' in step) return { ...blank, kind: 'less', ...one(step.less, step.by) }
    if ('per_day' in step) {
      const rate = one(step.per_day, step.by)
      const [unpaid, most] = [step.unpaid_days, step.most_days].map((name) => (name ? parameter(name) : undefined))
      return {
        ...blank,
        kind: 'per_day',
        ...rate,
        parameters: [...rate.parameters, ...(unpaid ? [unpaid] : []), ...(most ? [most] : [])],
        m: step.unpaid_days ? numberOf(step.unpaid_days) : 0,
        k: step.most_days ? numberOf(step.most_days) : Number.MAX_SAFE_INTEGER,
        by2: step.days,
        overCover: step.most_days_within === 'cover',
      }
    }
    if ('per_paid_day' in step) {
      const [rate, days] = [parameter(step.per_paid_day), parameter(step.paid_days)]
      return {
        ...blank,
        kind: 'per_paid_day',
        parameters: [rate, days],
        n: typeof rate.value === 'number' ? rate.value : 0,
        paidDays: days.value as readonly PaidDays[],
        by2: step.days,
      }
    }
    if ('table' in step) return { ...blank, kind: 'table', ...one(step.table, step.by) }
    if ('bracket' in step) return { ...blank, kind: 'bracket', ...banded(step.bracket), base: base(step.of) }
    if ('from' in step) return { ...blank, kind: 'from', base: base(step.from) }
    if ('per_share' in step) return { ...blank, kind: 'per_share' }
    if ('times' in step) return { ...blank, kind: 'times', by: step.times }
    if ('share_in_cover' in step)
      return { ...blank, kind: 'share_in_cover', by: step.share_in_cover[0], by2: step.share_in_cover[1] }
    if ('at_least' in step) return { ...blank, kind: 'at_least', ...one(step.at_least, undefined) }
    if ('at_most' in step)
      return { ...blank, kind: 'at_most', ...one(step.at_most, undefined), counted: counted(step.within, step.over) }
    if ('not_above' in step) return { ...blank, kind: 'not_above', base: baseOf(step.not_above) }
    if ('top_up_to' in step)
      return {
        ...blank,
        kind: 'top_up_to',
        ...one(step.top_up_to, undefined),
        counted: counted(step.within, step.over),
      }
    const [least, most] = [parameter(step.chosen_from), parameter(step.to)]
    return {
      ...blank,
      kind: 'chosen_from',
      parameters: [least, most],
      n: typeof least.value === 'number' ? least.value : 0,
      m: typeof most.value === 'number' ? most.value : 0,
    }
  }
  const { waiting, claims_most: most, gathered_over: gathered, schedule } = part
  const resolved = {
    ops: opsOf(part.steps),
    base: part.base ? baseOf(part.base) : null,
    waiting: waiting
      ? {
          notWhenContinuous: waiting.not_when_continuous,
          onlyFirst: waiting.only_first_enrolment,
          notForAccidents: waiting.not_for_accidents,
          fromApplication: waiting.counted_from === 'application',
          windows: waiting.windows.map((window) => ({
            through: numberOf(window.through_day),
            ops: window.pays === 'nothing' ? null : opsOf(window.pays),
            endsCover: window.ends_cover ?? false,
            endsParts: window.ends_parts ?? [],
            clause: window.clause ?? part.clause,
          })),
        }
      : null,
    claimsMost: most
      ? {
          limit: numberOf(most.value),
          counted: counted(most.within, most.over),
          perBeneficiary: most.per === 'beneficiary',
          clause: most.clause ?? part.clause,
        }
      : null,
    sameCauseDays: typeof gathered === 'object' ? numberOf(gathered.same_cause_within_days) : -1,
    schedule: schedule
      ? { everyMonths: numberOf(schedule.every_months), times: schedule.times ? numberOf(schedule.times) : 0 }
      : null,
    numberOf,
    baseOf,
  }
  return { ...resolved, awaits }
}

/** Which condition it is, for the evaluator and for whoever explains it. */
export const factOf = (condition: OneConditionText): string | null => ('fact' in condition ? condition.fact : null)
