import type { Edition } from './edition.ts'
import { type Case, dayCount, type Earlier, type Facts, type Reason } from './facts.ts'
import { mostFen, rowOf } from './figures.ts'
import type { ConditionText, OneConditionText, PartText } from './language.ts'
import { type Base, type CompiledPart, type Counted, type Op, programOf, type Resolved } from './program.ts'

/**
 * One part judged, as the evaluator leaves it: the amount and a trace of four numbers a step (three that went in, one that
 * came out). Sentences and records are made from it when somebody reads them (workings.ts).
 */
export interface Judged {
  readonly part: CompiledPart
  readonly resolved: Resolved | null
  readonly ops: readonly Op[]
  readonly keyOn: string | null
  readonly personClass: string | null
  benefitFen: number
  readonly trace: readonly number[]
  refused: Reason | null
  missing: readonly string[]
  /** this event's own base and days, which later claims of the same window count from */
  base: number
  /** gathered: what was worked out for the whole window, and what of it was paid before, in how many claims */
  gathered: { readonly whole: number; readonly paid: number; readonly claims: number } | null
  paidDays: number
  window: number
  /** the steps were reached: the event counts, even where it paid nothing */
  counts: boolean
}

const nothing: readonly never[] = []
const perStep = 4

/** Judges one event under one cover: every part that speaks of such an event, in the edition's order. Pure. */
export const judge = (edition: Edition, facts: Case): Judged[] => {
  const parts = programOf(edition).partsFor(facts.event.kind)
  const run = new Run(edition, facts)
  const judged: Judged[] = []
  for (const part of parts) judged.push(run.part(part, judged))
  return judged
}

class Run {
  readonly edition: Edition
  readonly event: Facts
  readonly of: Case
  readonly earlier: readonly Earlier[]
  missing: string[] | null = null
  before: readonly Judged[] = nothing
  part_: PartText | null = null
  resolved: Resolved | null = null
  keyOn = ''
  together: readonly Earlier[] = nothing
  cappedBy: string | null = null
  paidDays = 0
  broken: Reason | null = null

  constructor(edition: Edition, facts: Case) {
    this.edition = edition
    this.of = facts
    this.event = facts.event
    // What was decided of this same event in this plan is judged here again, so it is not earlier.
    this.earlier =
      facts.earlier.length === 0
        ? nothing
        : facts.earlier.filter((each) => each.plan !== edition.plan || each.eventKey !== facts.eventKey)
  }

  part(compiled: CompiledPart, before: readonly Judged[]): Judged {
    const { cover } = this.of
    const part = compiled.text
    this.before = before
    this.part_ = part
    this.missing = null
    this.cappedBy = null
    this.paidDays = 0
    this.broken = null
    this.together = nothing
    this.resolved = null

    const keyOn = this.keyDate(part)
    if (keyOn === null) return this.ask(compiled, null)
    this.keyOn = keyOn
    const { events_count_from: countFrom } = this.edition.term
    const from = countFrom !== undefined && countFrom < cover.from ? countFrom : cover.from
    if (keyOn < from || keyOn >= cover.until)
      return this.no(compiled, 'outside_cover', this.edition.term.clause, {
        from: cover.from,
        until: cover.until,
        on: keyOn,
      })
    if (part.options && !part.options.includes(cover.option ?? ''))
      return this.no(compiled, 'condition_not_met', part.clause, { fact: 'option', given: cover.option ?? '' })
    for (const each of this.earlier) {
      if (each.plan !== this.edition.plan || each.coverId !== cover.coverId || each.keyOn > keyOn) continue
      if (each.endsCover) return this.no(compiled, 'cover_ended', part.clause, { on: each.keyOn })
      if (each.endsParts?.includes(part.id)) return this.no(compiled, 'part_ended', part.clause, { on: each.keyOn })
    }

    const personClass = this.personClass()
    if (this.missing) return this.ask(compiled, personClass)
    const resolved = compiled.resolve(keyOn, personClass)
    this.resolved = resolved

    // An exclusion that is known to hold refuses; one that is not known is asked for, unless the edition says otherwise.
    const excluded = this.conditions(this.edition.excludes, this.edition.excludes[0]?.clause ?? part.clause, true)
    if (excluded) return this.refuse(compiled, personClass, { ...excluded, code: 'excluded' })
    this.together = this.gathered(part, resolved)
    const unmet = this.conditions(part.conditions, part.clause, false)
    if (unmet) return this.refuse(compiled, personClass, unmet)
    if (this.missing) return this.ask(compiled, personClass)
    if (resolved.awaits)
      return this.refuse(compiled, personClass, {
        code: resolved.awaits.unknown ? 'figure_unknown' : 'amount_awaited',
        clause: resolved.awaits.clause,
        facts: { what: resolved.awaits.what },
      })

    const stop = this.history(part, resolved)
    if (stop) return this.refuse(compiled, personClass, stop)
    const window = this.waitingWindow(resolved)
    if (this.missing) return this.ask(compiled, personClass)
    const waits = window >= 0 ? resolved.waiting?.windows[window] : undefined
    if (waits && waits.ops === null)
      return this.refuse(compiled, personClass, {
        code: 'in_waiting_period',
        clause: waits.clause,
        facts: { day: this.waitingDay(resolved), through: waits.through, from: cover.from, on: keyOn },
      })

    const own = resolved.base ? this.base(resolved.base, false) : 0
    if (this.missing) return this.ask(compiled, personClass)
    const ops = waits?.ops ?? resolved.ops
    const trace: number[] = []
    let amount = 0
    for (const op of ops) {
      amount = this.step(op, amount, trace)
      if (this.missing) return this.ask(compiled, personClass)
      if (this.broken) return this.refuse(compiled, personClass, this.broken)
    }
    let gathered: Judged['gathered'] = null
    if (this.together.length > 0) {
      let paid = 0
      for (const each of this.together) paid += each.benefitFen
      gathered = { whole: amount, paid, claims: this.together.length }
      amount = Math.max(0, amount - paid)
    }
    let refused: Reason | null = null
    if (amount === 0) {
      const left = this.cappedBy ?? (gathered && gathered.paid > 0 ? part.clause : null)
      refused = {
        code: left === null ? 'nothing_payable' : 'nothing_left',
        clause: left ?? part.clause,
        facts: { paidBeforeFen: gathered?.paid ?? 0 },
      }
    }
    return {
      part: compiled,
      resolved,
      ops,
      keyOn,
      personClass,
      benefitFen: amount,
      trace,
      refused,
      missing: nothing,
      base: own,
      gathered,
      paidDays: this.paidDays,
      window,
      counts: true,
    }
  }

  /** A part that gives nothing, asks, or refuses. */
  refuse(
    part: CompiledPart,
    personClass: string | null,
    refused: Reason | null,
    missing: readonly string[] = nothing,
  ): Judged {
    return {
      part,
      resolved: this.resolved,
      ops: nothing,
      keyOn: this.keyOn || null,
      personClass,
      benefitFen: 0,
      trace: nothing,
      refused,
      missing,
      base: 0,
      gathered: null,
      paidDays: 0,
      window: -1,
      counts: false,
    }
  }
  no(part: CompiledPart, code: Reason['code'], clause: string, facts: Reason['facts']): Judged {
    return this.refuse(part, null, { code, clause, facts })
  }
  ask(part: CompiledPart, personClass: string | null): Judged {
    return this.refuse(part, personClass, null, this.missing ?? nothing)
  }
  want(fact: string): void {
    if (!this.missing) this.missing = [fact]
    else if (!this.missing.includes(fact)) this.missing.push(fact)
  }

  keyDate(part: PartText): string | null {
    this.keyOn = ''
    if (typeof part.key_date === 'string') {
      const on = this.event.dates[part.key_date]
      if (on === undefined) this.want(`dates.${part.key_date}`)
      return on ?? null
    }
    for (const { date, when } of part.key_date) {
      const unmet = this.conditions(when, part.clause, false)
      if (this.missing) return null
      if (unmet) continue
      const on = this.event.dates[date]
      if (on === undefined) this.want(`dates.${date}`)
      return on ?? null
    }
    this.want(`dates.${part.key_date[0]?.date}`)
    return null
  }

  /** The first class of persons whose conditions hold; null where the edition has none that does. */
  personClass(): string | null {
    for (const name in this.edition.classes) {
      const of = this.edition.classes[name]
      if (!of) continue
      const unmet = this.conditions(of.when, of.clause, false)
      if (this.missing) return null
      if (!unmet) return name
    }
    return null
  }

  /** Earlier claims judged together with this one: those of the same window, or stays of one cause shortly after each other. */
  gathered(part: PartText, resolved: Resolved): readonly Earlier[] {
    const { gathered_over: over } = part
    if (over === 'event' || this.earlier.length === 0) return nothing
    const own = this.earlier.filter((each) => each.plan === this.edition.plan && each.part === part.id)
    if (typeof over === 'string') return own.filter((each) => this.inWindow(each, over, 0))
    const cause = this.event.codes?.same_cause
    if (cause === undefined) return nothing
    const chain: Earlier[] = []
    let reach = dayCount(this.event.dates.admission ?? this.keyOn)
    for (const each of own.filter((row) => row.cause === cause).sort((a, b) => (a.keyOn < b.keyOn ? 1 : -1))) {
      if (reach - dayCount(each.keyOn) > resolved.sameCauseDays) break
      chain.push(each)
      reach = dayCount(each.startedOn ?? each.keyOn)
    }
    return chain
  }

  /** What was decided before stands in the way: the illness, another part or plan, or the number of claims. */
  history(part: PartText, resolved: Resolved): Reason | null {
    const { not_with: notWith, bars_illness: bars } = part
    const { plan } = this.edition
    if (bars?.when && this.earlier.length > 0) {
      const illness = this.event.codes?.diagnosis
      if (
        typeof illness === 'string' &&
        this.earlier.some((each) => each.plan === plan && sameIllness(each.barsIllness, illness))
      )
        return { code: 'illness_paid_before', clause: bars.clause ?? part.clause, facts: { illness } }
    }
    if (notWith && 'part' in notWith) {
      const named = notWith.part
      const same = this.before.some((each) => each.part.text.id === named && each.benefitFen > 0)
      const other =
        notWith.within === 'cover' &&
        this.earlier.some(
          (each) =>
            each.plan === plan && each.coverId === this.of.cover.coverId && each.part === named && each.benefitFen > 0,
        )
      if (same || other)
        return {
          code: 'paid_under_other_part',
          clause: notWith.clause ?? part.clause,
          facts: { part: this.edition.parts.find((each) => each.id === named)?.title ?? named },
        }
    } else if (notWith) {
      const paid = this.earlier.some(
        (each) =>
          each.plan === notWith.plan &&
          each.benefitFen > 0 &&
          (notWith.within === 'life' || each.eventKey === this.of.eventKey),
      )
      if (paid)
        return { code: 'paid_under_other_plan', clause: notWith.clause ?? part.clause, facts: { plan: notWith.plan } }
    }
    const most = resolved.claimsMost
    if (most && this.earlier.length > 0) {
      const used = this.claims(most.counted, most.perBeneficiary, true)
      if (used >= most.limit) return { code: 'claims_used_up', clause: most.clause, facts: { limit: most.limit, used } }
    }
    return null
  }

  /** Claims within a window; stays judged together with this one, or with each other, are one. */
  claims(counted: Counted, perBeneficiary: boolean, paidOnly: boolean): number {
    let count = 0
    let groups: Set<string> | null = null
    const beneficiary = this.event.codes?.beneficiary
    for (const each of this.earlier) {
      if (!this.isCounted(each, counted) || this.together.includes(each)) continue
      if (paidOnly && each.benefitFen === 0) continue
      if (perBeneficiary && each.beneficiary !== beneficiary) continue
      if (each.cause) {
        groups ??= new Set()
        if (groups.has(each.cause)) continue
        groups.add(each.cause)
      }
      count += 1
    }
    return count
  }

  isCounted(each: Earlier, counted: Counted): boolean {
    const { plan } = this.edition
    if (
      counted.over === 'part'
        ? each.plan !== plan || each.part !== this.part_?.id
        : counted.over === 'plan'
          ? each.plan !== plan
          : counted.over === 'parts'
            ? each.plan !== plan || !counted.names.includes(each.part)
            : !counted.names.includes(each.plan)
    )
      return false
    return this.inWindow(each, counted.within, counted.lastDays)
  }

  inWindow(each: Earlier, within: Counted['within'], lastDays: number): boolean {
    switch (within) {
      case 'event':
        return each.eventKey === this.of.eventKey
      case 'cover':
        return each.coverId === this.of.cover.coverId
      case 'calendar_year':
        return each.keyOn.slice(0, 4) === this.keyOn.slice(0, 4)
      case 'insurance_year':
        return this.insuranceYear(each.keyOn) === this.insuranceYear(this.keyOn)
      case 'last_days': {
        const gap = dayCount(this.keyOn) - dayCount(each.keyOn)
        return gap >= 0 && gap <= lastDays
      }
      default:
        return true
    }
  }

  insuranceYear(on: string): number {
    const year = Number(on.slice(0, 4))
    return on.slice(5) >= (this.edition.insurance_year?.starts ?? '01-01') ? year : year - 1
  }

  /** What was paid within a window: decided earlier, and by the parts before this one for this same event. */
  paid(counted: Counted): number {
    let sum = 0
    for (const each of this.earlier)
      if (this.isCounted(each, counted) && !this.together.includes(each)) sum += each.benefitFen
    if (counted.over !== 'part' && this.before.length > 0)
      for (const { part, benefitFen } of this.before)
        if (
          counted.over === 'plan' ||
          counted.names.includes(counted.over === 'parts' ? part.text.id : this.edition.plan)
        )
          sum += benefitFen
    return sum
  }

  waitingDay(resolved: Resolved): number {
    const from = resolved.waiting?.fromApplication
      ? (this.event.dates.joined_application ?? this.of.cover.from)
      : this.of.cover.from
    return dayCount(this.keyOn) - dayCount(from) + 1
  }

  /** Which waiting window the key date lies in, both edges inclusive; -1 where none. */
  waitingWindow(resolved: Resolved): number {
    const { waiting } = resolved
    const { cover } = this.of
    if (!waiting || (waiting.notWhenContinuous && cover.continuous)) return -1
    if (waiting.onlyFirst && (cover.coveredBefore ?? cover.continuous)) return -1
    if (waiting.notForAccidents) {
      const cause = this.event.codes?.cause
      if (cause === undefined && this.event.kind !== 'accident') {
        // Only where it would matter is the cause asked for.
        if (this.waitingDay(resolved) <= (waiting.windows.at(-1)?.through ?? 0)) this.want('codes.cause')
        return -1
      }
      if (cause === 'accident' || this.event.kind === 'accident') return -1
    }
    const day = this.waitingDay(resolved)
    return waiting.windows.findIndex((window) => day <= window.through)
  }

  /** A fact by its name: of the event, else of the cover and the person; undefined where nobody knows it. */
  fact(name: string): string | number | readonly string[] | undefined {
    const told = this.event.codes?.[name]
    if (told !== undefined) return told
    const { cover, person } = this.of
    switch (name) {
      case 'event_kind':
        return this.event.kind
      case 'option':
        return cover.option ?? undefined
      case 'shares':
        return cover.shares
      case 'enrolment':
        return cover.continuous ? 'renewing' : 'new'
      case 'unit_kind':
        return cover.unitKind ?? undefined
      case 'sex':
        return person?.sex ?? undefined
      case 'age': {
        const born = person?.bornOn
        if (!born || !this.keyOn) return undefined
        return Number(this.keyOn.slice(0, 4)) - Number(born.slice(0, 4)) - (this.keyOn.slice(5) < born.slice(5) ? 1 : 0)
      }
      case 'nth':
        return this.nth()
      default:
        return this.event.days?.[name]
    }
  }

  nth(): number {
    const counted: Counted = { within: this.part_?.nth_within ?? 'cover', lastDays: 0, over: 'part', names: nothing }
    return this.claims(counted, false, false) + 1
  }

  /** The reason of the first condition that is known not to hold (or, of exclusions, to hold); unknown ones are asked for. */
  conditions(list: readonly ConditionText[], clause: string, exclusions: boolean): Reason | null {
    let asked: string[] | null = null
    for (const condition of list) {
      const before = this.missing
      this.missing = null
      const met = 'any' in condition ? this.any(condition.any) : this.holds(condition)
      if (this.missing) asked = [...(asked ?? nothing), ...this.missing]
      const unknown = this.missing !== null
      this.missing = before
      if (!unknown && met === exclusions) {
        const fact =
          'fact' in condition
            ? condition.fact
            : 'base' in condition
              ? condition.base
              : 'any' in condition
                ? 'any'
                : 'history'
        const given = 'fact' in condition ? this.fact(condition.fact) : undefined
        return {
          code: 'condition_not_met',
          clause: condition.clause ?? clause,
          facts: { fact, given: typeof given === 'object' ? given.join('、') : (given ?? '') },
        }
      }
    }
    if (asked) for (const each of asked) this.want(each)
    return null
  }

  any(groups: readonly (readonly OneConditionText[])[]): boolean {
    let asked: string[] | null = null
    for (const all of groups) {
      this.missing = null
      let met = true
      for (const each of all) if (!this.holds(each) && this.missing === null) met = false
      if (met && this.missing === null) return true
      if (met && this.missing) asked = this.missing
    }
    this.missing = asked
    return false
  }

  holds(condition: OneConditionText): boolean {
    if ('base' in condition) return this.trigger(condition)
    if ('days_from' in condition) {
      const [from, to] = [this.event.dates[condition.days_from], this.event.dates[condition.to]]
      if (from === undefined) this.want(`dates.${condition.days_from}`)
      if (to === undefined) this.want(`dates.${condition.to}`)
      if (from === undefined || to === undefined) return false
      return this.between(dayCount(to) - dayCount(from), condition.at_least, condition.at_most)
    }
    if ('claims_of' in condition) {
      const over = condition.claims_of
      const within = condition.within
      const counted: Counted = {
        within: typeof within === 'object' ? 'last_days' : within,
        lastDays: typeof within === 'object' ? this.number(within.last_days) : 0,
        over: typeof over === 'string' ? over : 'parts' in over ? 'parts' : 'plans',
        names: typeof over === 'string' ? nothing : 'parts' in over ? over.parts : over.plans,
      }
      return this.between(this.claims(counted, false, true), condition.at_least, condition.at_most)
    }
    const given = this.fact(condition.fact)
    if (given === undefined) {
      if (condition.if_unknown === 'ask') this.want(`codes.${condition.fact}`)
      return condition.if_unknown === 'met'
    }
    if ('at_least' in condition) return Number(given) >= this.number(condition.at_least)
    if ('at_most' in condition) return Number(given) <= this.number(condition.at_most)
    const several: readonly string[] = typeof given === 'object' ? given : [String(given)]
    if ('is' in condition) return several.some((each) => condition.is.includes(each))
    if ('is_not' in condition) return !several.some((each) => condition.is_not.includes(each))
    if ('on_list' in condition) return several.some((each) => onList(this.edition, condition.on_list, each))
    return !several.some((each) => onList(this.edition, condition.not_on_list, each))
  }

  between(count: number, least: string | undefined, most: string | undefined): boolean {
    return (least === undefined || count >= this.number(least)) && (most === undefined || count <= this.number(most))
  }

  number(name: string): number {
    if (this.resolved) return this.resolved.numberOf(name)
    const value = this.edition.values[name]
    let found = 0
    for (const each of value?.dated ?? nothing)
      if ((each.from <= this.keyOn || found === 0) && typeof each.value === 'number') found = each.value
    return found
  }

  /** A threshold met by this event's base, by the sum of the window, or by either, as the clause says. */
  trigger(condition: Extract<OneConditionText, { base: string }>): boolean {
    const base = this.resolved?.baseOf(condition.base)
    if (!base) return false
    const own = this.base(base, false)
    if (this.missing) return false
    const limit = this.number(condition.over ?? condition.reaches ?? '')
    const reached = (sum: number): boolean => (condition.over !== undefined ? sum > limit : sum >= limit)
    if (condition.within === 'event') return reached(own)
    if (condition.within === 'either' && reached(own)) return true
    let sum = own
    const within = condition.within === 'calendar_year' ? 'calendar_year' : 'cover'
    for (const each of this.earlier)
      if (each.plan === this.edition.plan && each.part === this.part_?.id && this.inWindow(each, within, 0))
        sum += each.base ?? 0
    return reached(sum)
  }

  /** A base in fen, never below zero; a field that nobody knows is asked for. With what was gathered before, where asked. */
  base(base: Base, withGathered: boolean): number {
    let sum = 0
    for (const term of base.terms) {
      let amount: number | undefined
      if (term.from === 'bill') {
        amount = this.event.bill?.[term.field]
        if (amount === undefined) {
          this.want(`bill.${term.field}`)
          continue
        }
      } else {
        amount = 0
        for (const each of this.before)
          if (term.from === 'benefits_before' || each.part.text.id === term.field) amount += each.benefitFen
      }
      // Exact up to nine thousand million yuan a field; the rounding of a weighted field is the base's.
      if (amount > mostFen)
        this.broken = { code: 'amount_too_large', clause: this.part_?.clause ?? '', facts: { amount } }
      else if (term.of === 1) sum += amount * term.weight
      else {
        const exact = amount * Math.abs(term.weight)
        const part = base.halfUp ? Math.floor((exact + term.of / 2) / term.of) : Math.floor(exact / term.of)
        sum += term.weight < 0 ? -part : part
      }
    }
    if (sum < 0) sum = 0
    if (withGathered && base === this.resolved?.base) for (const each of this.together) sum += each.base ?? 0
    if (sum > mostFen)
      this.broken = { code: 'amount_too_large', clause: this.part_?.clause ?? '', facts: { amount: sum } }
    return sum
  }

  /** Days of a kind: of this event, and of those judged together with it. */
  days(kind: string): number {
    const own = this.event.days?.[kind]
    if (own === undefined) {
      this.want(`days.${kind}`)
      return 0
    }
    let sum = own
    for (const each of this.together) sum += each.days?.[kind] ?? 0
    return sum
  }

  /** The figure of a step: its own, or the row of its table that a fact names; the highest where several are named. */
  figure(op: Op): number {
    if (op.table === null) return op.n
    const key = this.fact(op.by)
    if (key === undefined) {
      this.want(`codes.${op.by}`)
      return 0
    }
    if (typeof key !== 'object') return rowOf(op.table, key) ?? 0
    let highest = 0
    for (const each of key) highest = Math.max(highest, rowOf(op.table, each) ?? 0)
    return highest
  }

  /** One step: the amount before in, the amount after out, and what went in on the trace. */
  step(op: Op, amount: number, trace: number[]): number {
    let [a, b, c, result] = [amount, 0, 0, 0]
    switch (op.kind) {
      case 'amount':
        a = 0
        result = op.n
        break
      case 'bands':
        a = op.base ? this.base(op.base, true) : amount
        result = inBands(a, op)
        break
      case 'rate_of_band': {
        a = op.base ? this.base(op.base, true) : amount
        for (const band of op.bands) if (band.over < a && a <= band.to) b = band.rate
        result = portionOf(a, b, 10_000, op.halfUp)
        break
      }
      case 'rate':
        a = op.base ? this.base(op.base, true) : amount
        b = this.figure(op)
        result = portionOf(a, b, op.den, op.halfUp)
        break
      case 'less':
        b = this.figure(op)
        result = Math.max(0, amount - b)
        break
      case 'per_day': {
        a = this.days(op.by2)
        c = this.figure(op)
        let most = op.k
        if (op.overCover)
          for (const each of this.earlier)
            if (
              each.plan === this.edition.plan &&
              each.part === this.part_?.id &&
              each.coverId === this.of.cover.coverId &&
              !this.together.includes(each)
            )
              most -= each.paidDays ?? 0
        b = Math.max(0, Math.min(Math.max(0, a - op.m), most))
        if (b === 0 && a > op.m) this.cappedBy = op.clause
        this.paidDays = b
        result = b * c
        break
      }
      case 'per_paid_day':
        a = this.days(op.by2)
        for (const row of op.paidDays)
          if (row.over < a && a <= row.to) b = Math.min(row.days === 'actual' ? a : row.days, row.most)
        this.paidDays = b
        result = b * op.n
        break
      case 'table':
        a = 0
        result = this.figure(op)
        break
      case 'bracket':
        a = op.base ? this.base(op.base, true) : amount
        for (const band of op.bands) if (band.over < a && a <= band.to) result = band.rate
        break
      case 'from':
        a = op.base ? this.base(op.base, true) : amount
        result = a
        break
      case 'per_share':
        b = this.of.cover.shares
        result = amount * b
        break
      case 'times': {
        const times = this.fact(op.by)
        if (times === undefined) this.want(`codes.${op.by}`)
        b = typeof times === 'object' ? times.length : Number(times ?? 0)
        result = amount * b
        break
      }
      case 'share_in_cover': {
        const [from, to] = [this.event.dates[op.by], this.event.dates[op.by2]]
        if (from === undefined) this.want(`dates.${op.by}`)
        if (to === undefined) this.want(`dates.${op.by2}`)
        if (from === undefined || to === undefined) break
        const [first, last] = [dayCount(from), Math.max(dayCount(to), dayCount(from) + 1)]
        c = last - first
        b = Math.max(0, Math.min(last, dayCount(this.of.cover.until)) - Math.max(first, dayCount(this.of.cover.from)))
        result = portionOf(amount, b, c, op.halfUp)
        break
      }
      case 'at_least':
        // A minimum is paid only where anything is payable at all.
        result = amount > 0 ? Math.max(amount, op.n) : 0
        break
      case 'at_most': {
        b = op.counted ? this.paid(op.counted) : 0
        c = Math.max(0, op.n - b)
        if (c === 0 && amount > 0) this.cappedBy = op.clause
        result = Math.min(amount, c)
        break
      }
      case 'not_above':
        b = op.base ? this.base(op.base, true) : 0
        result = Math.min(amount, b)
        break
      case 'less_paid':
        b = op.counted ? this.paid(op.counted) : 0
        if (b >= amount && amount > 0) this.cappedBy = op.clause
        result = Math.max(0, amount - b)
        break
      case 'top_up_to':
        a = op.n
        b = op.counted ? this.paid(op.counted) : 0
        if (b >= a) this.cappedBy = op.clause
        result = Math.max(0, a - b)
        break
      default: {
        const chosen = this.event.bill?.chosen_amount
        if (chosen === undefined) this.want('bill.chosen_amount')
        else if (chosen < op.n || chosen > op.m)
          this.broken = { code: 'choice_out_of_range', clause: op.clause, facts: { least: op.n, most: op.m, chosen } }
        a = chosen ?? 0
        result = a
      }
    }
    if (!(result <= mostFen)) this.broken = { code: 'amount_too_large', clause: op.clause, facts: { amount: result } }
    trace.push(a, b, c, result)
    return result
  }
}

/** A list names codes; a three-sign code such as C50 also means its finer ones, C50.9. */
const onList = (edition: Edition, list: string, code: string): boolean => {
  const codes = edition.lists[list]?.codes
  if (!codes) return false
  return Object.hasOwn(codes, code) || (code.includes('.') && Object.hasOwn(codes, code.slice(0, code.indexOf('.'))))
}

/** The same illness (同一种疾病) is the same three-sign category: C34 and C34.1 are one. Set by us, to be checked. */
const sameIllness = (barred: string | null | undefined, told: string): boolean =>
  barred !== null && barred !== undefined && barred.split('.')[0] === told.split('.')[0]

/** So many parts of a sum, exact: at most nine thousand million yuan times ten thousand stays below 2⁵³. */
export const portionOf = (of: number, parts: number, den: number, halfUp: boolean): number =>
  Math.floor((of * parts + (halfUp ? den / 2 : 0)) / den)

/** Each slice (over, to] of the sum takes its own rate; rounded once, on the whole. */
const inBands = (of: number, op: Op): number => {
  let points = 0
  for (const { over, to, rate } of op.bands) {
    if (of <= over) break
    points += (Math.min(of, to) - over) * rate
  }
  return Math.floor((points + (op.halfUp ? 5_000 : 0)) / 10_000)
}

/** The numbers of one step on a trace. */
export const traced = (trace: readonly number[], i: number): [number, number, number, number] => [
  trace[i * perStep] ?? 0,
  trace[i * perStep + 1] ?? 0,
  trace[i * perStep + 2] ?? 0,
  trace[i * perStep + 3] ?? 0,
]
