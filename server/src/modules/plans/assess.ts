import { assert } from '#kernel/assert.ts'
import { type CivilDate, dayNumber } from '#kernel/days.ts'
import { type BasisPoints, type Fen, fen, portion } from '#kernel/money.ts'
import { type Band, type DatedFigure, type Edition, figureOn, numberOn } from './edition.ts'
import type { ConditionText, PartText, StepText, WaitingText } from './language.ts'

/** Names the steps and their meaning. A changed step is a new step; the engine's name goes into each decision. */
export const engine = 'tongzhou-steps/1'

/** What happened, as figures, dates and codes: fen for money. A field that is absent is not known, which is not zero. */
export interface Facts {
  readonly kind: string
  readonly dates: Readonly<Record<string, string>>
  /** raw fields of the bill in fen */
  readonly bill?: Readonly<Record<string, number>>
  readonly days?: Readonly<Record<string, number>>
  /** diagnosis, severity, operation, grade, cause … as codes; hospital_level as a number */
  readonly codes?: Readonly<Record<string, string | number>>
}

export interface CoverTerms {
  readonly coverId: number
  readonly from: string
  readonly until: string
  readonly shares: number
  readonly option?: string | null
  readonly continuous: boolean
}

/** A benefit decided before for the same person, as later claims count it. */
export interface Earlier {
  readonly coverId: number
  readonly plan: string
  readonly part: string
  readonly eventKey: string
  readonly keyOn: string
  readonly benefitFen: number
  readonly base?: number
  readonly barsIllness?: string | null
  readonly endsCover: boolean
}

export interface Parameter {
  readonly name: string
  readonly about: string
  readonly unit: string
  readonly value: DatedFigure['value']
  readonly since: string
  readonly clause: string
  readonly ours: boolean
}

/** One step of the working: what went in, by which figures, what came out (fen). The benefit is the last record's result. */
export interface Record_ {
  readonly step: string
  readonly clause: string
  readonly inputs: Readonly<Record<string, number>>
  readonly parameters: readonly Parameter[]
  readonly slices?: readonly {
    readonly over: number
    readonly to: number
    readonly part: number
    readonly rate: number
    readonly gives: number
  }[]
  readonly result: number
}

export interface Reason {
  readonly code:
    | 'outside_cover'
    | 'cover_ended'
    | 'condition_not_met'
    | 'in_waiting_period'
    | 'illness_paid_before'
    | 'claims_used_up'
    | 'paid_under_other_part'
    | 'nothing_left'
    | 'nothing_payable'
  readonly clause: string
  readonly facts: Readonly<Record<string, string | number>>
}

export interface Assessment {
  readonly part: string
  readonly title: string
  readonly keyOn: string | null
  readonly benefitFen: Fen
  readonly workings: readonly Record_[]
  readonly refused: Reason | null
  /** facts that must be asked for before this part can be judged */
  readonly missing: readonly string[]
  readonly endsCover: boolean
  readonly barsIllness: string | null
  /** what later claims of the same window count from */
  readonly base: number
  readonly papers: readonly string[]
  readonly levels: number
}

export interface Case {
  readonly cover: CoverTerms
  readonly event: Facts
  readonly eventKey: string
  readonly earlier: readonly Earlier[]
}

type Verdict = { readonly missing: string[]; readonly reason: Reason | null }
const none: Verdict = { missing: [], reason: null }

/**
 * Judges one event under one cover by one edition: for each benefit part that speaks of such an event, the benefit with
 * its workings, or why not, or what must be asked for. Parts are judged in the edition's order. Pure.
 */
export const assess = (edition: Edition, facts: Case): Assessment[] => {
  const judged: Assessment[] = []
  for (const part of edition.parts) {
    if ((part.events as readonly string[]).includes(facts.event.kind))
      judged.push(assessPart(edition, part, facts, judged))
  }
  return judged
}

const assessPart = (
  edition: Edition,
  part: PartText,
  { cover, event, eventKey, earlier }: Case,
  before: readonly Assessment[],
): Assessment => {
  const keyOn = event.dates[part.key_date] ?? null
  const illness = String(event.codes?.diagnosis ?? '')
  const answer = (over: Partial<Assessment>): Assessment => ({
    part: part.id,
    title: part.title,
    keyOn,
    benefitFen: fen(0),
    workings: [],
    refused: null,
    missing: [],
    endsCover: false,
    barsIllness: null,
    base: 0,
    papers: part.papers,
    levels: part.reviews.levels,
    ...over,
  })
  const no = (code: Reason['code'], clause: string, facts: Reason['facts'] = {}) =>
    answer({ refused: { code, clause, facts } })

  if (!keyOn) return answer({ missing: [`dates.${part.key_date}`] })
  if (keyOn < cover.from || keyOn >= cover.until)
    return no('outside_cover', edition.term.clause, { from: cover.from, until: cover.until, on: keyOn })

  const inPlan = earlier.filter((each) => each.plan === edition.plan && each.eventKey !== eventKey)
  const ended = inPlan.find((each) => each.coverId === cover.coverId && each.endsCover && each.keyOn <= keyOn)
  if (ended) return no('cover_ended', part.clause, { on: ended.keyOn })

  const conditions = judgeConditions(edition, part.conditions, event, keyOn)
  if (conditions.missing.length > 0) return answer({ missing: conditions.missing })
  if (conditions.reason) return answer({ refused: conditions.reason })

  if (part.bars_illness?.when && illness && inPlan.some((each) => each.barsIllness === illness)) {
    return no('illness_paid_before', part.bars_illness.clause, { illness })
  }
  const { not_with: notWith, claims_most: most } = part
  if (notWith) {
    const same = before.some((each) => each.part === notWith.part && each.benefitFen > 0)
    const atOtherTimes =
      notWith.within === 'cover' &&
      inPlan.some((each) => each.coverId === cover.coverId && each.part === notWith.part && each.benefitFen > 0)
    if (same || atOtherTimes)
      return no('paid_under_other_part', notWith.clause, { part: titleOf(edition, notWith.part) })
  }
  const samePart = inPlan.filter((each) => each.part === part.id)
  if (most) {
    const used = samePart.filter(
      (each) => each.benefitFen > 0 && (most.within === 'life' || each.coverId === cover.coverId),
    ).length
    const limit = numberOn(edition, most.value, keyOn)
    if (used >= limit) return no('claims_used_up', most.clause, { limit, used })
  }

  const window = waitingWindow(edition, part.waiting, cover, event, keyOn)
  if (window && window.pays === 'nothing') {
    return no('in_waiting_period', window.clause, {
      day: window.day,
      through: window.through,
      from: cover.from,
      on: keyOn,
    })
  }
  const steps = window && window.pays !== 'nothing' ? window.pays : part.steps

  const base = part.base ? baseOf(edition, part.base, event) : { missing: [], fen: 0 }
  if (base.missing.length > 0) return answer({ missing: base.missing })
  const onCover = samePart.filter((each) => each.coverId === cover.coverId)
  const gatheredBefore = part.gathered_over === 'cover' ? onCover.reduce((sum, each) => sum + (each.base ?? 0), 0) : 0
  const paidBefore = onCover.reduce((sum, each) => sum + each.benefitFen, 0)
  const paidInLife = samePart.reduce((sum, each) => sum + each.benefitFen, 0)

  const worked = work(edition, steps, {
    event,
    keyOn,
    shares: cover.shares,
    bases: (name) => {
      const of = baseOf(edition, name, event)
      return { ...of, fen: of.fen + (name === part.base ? gatheredBefore : 0) }
    },
    // A gathered base gives the whole window's benefit, so what was paid counts only after the steps.
    paid: part.gathered_over === 'cover' ? { cover: 0, life: paidInLife } : { cover: paidBefore, life: paidInLife },
  })
  if (worked.missing.length > 0) return answer({ missing: worked.missing })
  const records = [...worked.records]
  let benefit = records.at(-1)?.result ?? 0
  if (part.gathered_over === 'cover' && onCover.length > 0) {
    const result = Math.max(0, benefit - paidBefore)
    records.push({
      step: 'less_paid_before',
      clause: part.clause,
      inputs: { amount: benefit, paid_before: paidBefore, claims: onCover.length },
      parameters: [],
      result,
    })
    benefit = result
  }
  if (benefit === 0) {
    const capped = worked.cappedBy ?? (paidBefore > 0 && part.gathered_over === 'cover' ? part.clause : null)
    return answer({
      workings: records,
      base: base.fen,
      refused: {
        code: capped ? 'nothing_left' : 'nothing_payable',
        clause: capped ?? part.clause,
        facts: { paidBeforeFen: paidBefore },
      },
    })
  }
  return answer({
    benefitFen: fen(benefit),
    workings: records,
    base: base.fen,
    endsCover: window ? (window.ends ?? false) : (part.ends_cover?.when ?? false),
    barsIllness: part.bars_illness?.when && illness ? illness : null,
  })
}

const titleOf = (edition: Edition, part: string): string =>
  edition.parts.find((each) => each.id === part)?.title ?? part

const judgeConditions = (edition: Edition, conditions: readonly ConditionText[], event: Facts, on: string): Verdict => {
  const missing: string[] = []
  for (const condition of conditions) {
    const fact = event.codes?.[condition.fact]
    if (fact === undefined) {
      missing.push(`codes.${condition.fact}`)
      continue
    }
    const met =
      'at_least' in condition
        ? Number(fact) >= numberOn(edition, condition.at_least, on)
        : 'is' in condition
          ? condition.is.includes(String(fact))
          : 'on_list' in condition
            ? onList(edition, condition.on_list, String(fact))
            : !onList(edition, condition.not_on_list, String(fact))
    if (!met && missing.length === 0) {
      return {
        missing: [],
        reason: { code: 'condition_not_met', clause: condition.clause, facts: { fact: condition.fact, given: fact } },
      }
    }
  }
  return missing.length > 0 ? { missing, reason: null } : none
}

/** A list names codes; a three-sign code such as C50 also means its finer ones, C50.9. */
const onList = (edition: Edition, list: string, code: string): boolean => {
  const codes = edition.lists[list]?.codes ?? {}
  return code in codes || (code.includes('.') && code.slice(0, code.indexOf('.')) in codes)
}

const waitingWindow = (
  edition: Edition,
  waiting: WaitingText | undefined,
  cover: CoverTerms,
  event: Facts,
  on: string,
) => {
  if (!waiting || (waiting.not_when_continuous && cover.continuous)) return null
  if (waiting.not_for_accidents && event.codes?.cause === 'accident') return null
  const day = dayNumber(cover.from as CivilDate, on as CivilDate)
  for (const window of waiting.windows) {
    const through = numberOn(edition, window.through_day, cover.from)
    if (day <= through) return { pays: window.pays, ends: window.ends_cover, clause: window.clause, day, through }
  }
  return null
}

const baseOf = (edition: Edition, name: string, event: Facts): { missing: string[]; fen: number } => {
  const base = edition.bases[name]
  assert(base, `the edition has no base ${name}`)
  const missing: string[] = []
  let sum = 0
  for (const [field, weight] of Object.entries(base.sum)) {
    const amount = event.bill?.[field]
    if (amount === undefined) missing.push(`bill.${field}`)
    else sum += weight === '+1' ? amount : -amount
  }
  return { missing, fen: Math.max(0, sum) }
}

interface Surroundings {
  readonly event: Facts
  readonly keyOn: string
  readonly shares: number
  readonly bases: (name: string) => { missing: string[]; fen: number }
  readonly paid: { readonly cover: number; readonly life: number }
}

const work = (
  edition: Edition,
  steps: readonly StepText[],
  at: Surroundings,
): { records: Record_[]; missing: string[]; cappedBy: string | null } => {
  const records: Record_[] = []
  let amount = 0
  let cappedBy: string | null = null
  const figure = (name: string) => figureOn(edition, name, at.keyOn)
  const numberOf = (name: string): number => numberOn(edition, name, at.keyOn)
  const parameter = (name: string): Parameter => {
    const { value, from, clause, ours } = figure(name)
    const { about, unit } = edition.values[name] ?? { about: name, unit: '' }
    return { name, about, unit, value, since: from, clause, ours }
  }
  const keep = (
    step: string,
    clause: string,
    inputs: Record<string, number>,
    names: readonly string[],
    result: number,
    slices?: Record_['slices'],
  ) => {
    assert(Number.isSafeInteger(result) && result >= 0, 'a step gives whole fen')
    amount = result
    records.push({ step, clause, inputs, parameters: names.map(parameter), ...(slices ? { slices } : {}), result })
  }
  const from = (name: string): { missing: string[]; fen: number } =>
    name === 'amount' ? { missing: [], fen: amount } : at.bases(name)

  for (const step of steps) {
    if ('amount' in step) keep('amount', step.clause, {}, [step.amount], numberOf(step.amount))
    else if ('bands' in step) {
      const of = from(step.of)
      if (of.missing.length > 0) return { records, missing: of.missing, cappedBy }
      const { sum, slices } = inBands(of.fen, figure(step.bands).value as readonly Band[], step.rounding)
      keep('bands', step.clause, { [step.of]: of.fen }, [step.bands], sum, slices)
    } else if ('rate' in step) {
      const of = from(step.of)
      if (of.missing.length > 0) return { records, missing: of.missing, cappedBy }
      keep(
        'rate',
        step.clause,
        { [step.of]: of.fen },
        [step.rate],
        portion(fen(of.fen), numberOf(step.rate) as BasisPoints, step.rounding),
      )
    } else if ('less' in step)
      keep('less', step.clause, { amount }, [step.less], Math.max(0, amount - numberOf(step.less)))
    else if ('per_day' in step) {
      const days = at.event.days?.[step.days]
      if (days === undefined) return { records, missing: [`days.${step.days}`], cappedBy }
      const unpaid = step.unpaid_days ? numberOf(step.unpaid_days) : 0
      const most = step.most_days ? numberOf(step.most_days) : Number.MAX_SAFE_INTEGER
      const paidDays = Math.min(Math.max(0, days - unpaid), most)
      const names = [
        step.per_day,
        ...(step.unpaid_days ? [step.unpaid_days] : []),
        ...(step.most_days ? [step.most_days] : []),
      ]
      keep('per_day', step.clause, { days, paid_days: paidDays }, names, paidDays * numberOf(step.per_day))
    } else if ('table' in step) {
      const key = at.event.codes?.[step.by]
      if (key === undefined) return { records, missing: [`codes.${step.by}`], cappedBy }
      const table = figure(step.table).value as Readonly<Record<string, number>>
      keep('table', step.clause, {}, [step.table], table[String(key)] ?? 0)
    } else if ('bracket' in step) {
      const of = from(step.of)
      if (of.missing.length > 0) return { records, missing: of.missing, cappedBy }
      const band = (figure(step.bracket).value as readonly Band[]).find(
        (each) => each.over < of.fen && of.fen <= each.to,
      )
      keep('bracket', step.clause, { [step.of]: of.fen }, [step.bracket], band?.rate ?? 0)
    } else if ('per_share' in step)
      keep('per_share', step.clause, { amount, shares: at.shares }, [], amount * at.shares)
    else if ('at_least' in step) {
      // A minimum is paid only where anything is payable at all.
      keep(
        'at_least',
        step.clause,
        { amount },
        [step.at_least],
        amount > 0 ? Math.max(amount, numberOf(step.at_least)) : 0,
      )
    } else {
      const used = step.within === 'event' ? 0 : at.paid[step.within]
      const limit = numberOf(step.at_most)
      const left = Math.max(0, limit - used)
      if (left === 0 && amount > 0) cappedBy = step.clause
      keep('at_most', step.clause, { amount, used, left }, [step.at_most], Math.min(amount, left))
    }
  }
  return { records, missing: [], cappedBy }
}

/** Each slice (over, to] of the sum takes its own rate; rounded once, on the whole. */
const inBands = (of: number, bands: readonly Band[], rounding: 'down' | 'half-up') => {
  const slices: { over: number; to: number; part: number; rate: number; gives: number }[] = []
  let points = 0n
  for (const { over, to, rate } of bands) {
    if (of <= over) break
    const part = Math.min(of, to) - over
    points += BigInt(part) * BigInt(rate)
    slices.push({
      over,
      to: Number.isFinite(to) ? to : 0,
      part,
      rate,
      gives: portion(fen(part), rate as BasisPoints, rounding),
    })
  }
  const sum = Number((points + (rounding === 'half-up' ? 5_000n : 0n)) / 10_000n)
  return { sum, slices }
}
