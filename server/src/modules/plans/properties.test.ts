import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { assess, assessmentOf } from './assess.ts'
import { earlierOf } from './check-space.ts'
import type { Edition } from './edition.ts'
import type { Case, Earlier } from './facts.ts'
import { type Judged, judge } from './judge.ts'
import type { PartText, StepText } from './language.ts'
import { numbersOf, Probe, somethingElse } from './probe.ts'
import { readPlans } from './read-plan.ts'
import { type DecisionRecord, recordOfDecision, replay } from './replay.ts'
import { recordsOf } from './workings.ts'

// What holds of every edition whatever it says, tried on claims made from the edition's own words and figures.
const plans = await readPlans(fileURLToPath(new URL('../../../../plans/', import.meta.url)))
if (!plans.ok) throw new Error('the plans are not understood')
const runs = { seed: 20_260_101, numRuns: 60 }

/** Steps through which more in never gives less out. */
const rising = (step: StepText): boolean =>
  ['bands', 'rate', 'less', 'from', 'at_least', 'at_most', 'not_above', 'per_share', 'times'].some(
    (kind) => kind in step,
  )
const isRising = (part: PartText): boolean => part.grows_with !== undefined || part.steps.every(rising)
/** Nothing of what other parts pay enters: no base with their benefits, no cap that they share. */
const onBillOnly = (edition: Edition, part: PartText): boolean =>
  part.steps.every((step) => {
    if ('over' in step && step.over !== 'part') return false
    const name = 'of' in step ? step.of : 'from' in step ? step.from : 'not_above' in step ? step.not_above : 'amount'
    return (
      name === 'amount' || Object.keys(edition.bases[name]?.sum ?? {}).every((field) => !field.startsWith('benefit'))
    )
  })
/** What other parts were paid does not lessen it. */
const standsAlone = (part: PartText): boolean =>
  part.not_with === undefined && part.steps.every((step) => !('over' in step) || step.over === 'part')
/** The figure of a cap that is the last word on an amount, for whoever it is highest. */
const capOf = (edition: Edition, step: StepText | undefined): number | null =>
  step && 'at_most' in step ? Math.max(...numbersOf(edition, step.at_most)) : null

interface Space {
  readonly edition: Edition
  readonly probe: Probe
  readonly claims: fc.Arbitrary<Case>
  /** some case is paid: not so where every figure is unknown */
  readonly pays: boolean
}

const spaceOf = (edition: Edition): Space => {
  const probe = new Probe(edition, Number.POSITIVE_INFINITY)
  const { words } = probe
  const steps = edition.parts.flatMap((part) => [
    ...part.steps,
    ...(part.waiting?.windows ?? []).flatMap(({ pays }) => (pays === 'nothing' ? [] : pays)),
  ])
  const dayKinds = new Set(steps.flatMap((step) => ('days' in step ? [step.days] : [])))
  const fields = new Set([...words.added, ...words.takenOff].filter((field) => !field.startsWith('benefit')))
  if (steps.some((step) => 'chosen_from' in step)) fields.add('chosen_amount')
  const near = (edges: readonly number[], most: number) =>
    fc.oneof(
      fc.nat(most),
      fc
        .tuple(fc.constantFrom(0, ...edges), fc.integer({ min: -1, max: 1 }))
        .map(([edge, by]) => Math.max(0, edge + by)),
    )
  const facts = [...words.facts].filter(([name]) => !dayKinds.has(name) && !['nth', 'option', 'shares'].includes(name))
  const told = fc.tuple(
    ...facts.map(([name, answers]) =>
      fc
        .constantFrom<string | number>(
          ...(name === 'sex'
            ? ['F', 'M']
            : name === 'age'
              ? [18, 40, 59, ...answers.filter((each) => typeof each === 'number')]
              : [...answers, somethingElse]),
        )
        .map((answer) => [name, answer] as const),
    ),
  )
  const anything = fc
    .record({
      kind: fc.constantFrom(...new Set(edition.parts.flatMap((part) => part.events))),
      option: fc.constantFrom(...(edition.fee.options.length > 0 ? edition.fee.options : [null])),
      nth: fc.oneof(
        fc.integer({ min: 1, max: 366 }),
        near(
          words.days.filter((each) => each < 400),
          366,
        ).map((each) => Math.max(1, each)),
      ),
      shares: fc.integer({ min: 1, max: Math.min(20, Math.max(1, ...numbersOf(edition, edition.fee.shares_max))) }),
      continuous: fc.boolean(),
      told,
      bill: fc.record(Object.fromEntries([...fields].map((field) => [field, near(words.amounts, 20_000_000)]))),
      days: fc.record(Object.fromEntries([...dayKinds].map((kind) => [kind, near(words.days, 60)]))),
    })
    .map(({ kind, option, nth, shares, continuous, told: known, bill, days }) => {
      const first = probe.start(kind, day(edition.in_force.from), option, nth)
      const blank: Case = {
        ...first,
        cover: { ...first.cover, shares, continuous, coveredBefore: continuous },
        event: { ...first.event, bill: bill as Record<string, number>, days: days as Record<string, number> },
      }
      return known.reduce((facts_, [name, answer]) => probe.with(facts_, `codes.${name}`, answer), blank)
    })
  // Many editions pay only where several things come together: half of the claims start from a case that is paid.
  const paid: Case[] = []
  for (const part of edition.parts)
    for (const kind of part.events)
      for (const option of part.options ?? (edition.fee.options.length > 0 ? edition.fee.options : [null])) {
        let of = 0
        probe.reach(part, probe.start(kind, day(edition.in_force.from), option, 200), 150, ({ case: facts, own }) => {
          if (own.benefitFen > 0 && of < 4) paid.push(facts)
          if (own.benefitFen > 0) of += 1
        })
      }
  if (paid.length === 0) return { edition, probe, claims: anything, pays: false }
  const around = fc.tuple(fc.constantFrom(...paid), anything).map(([facts, other]) => {
    const bill = Object.fromEntries(
      Object.entries(facts.event.bill ?? {}).map(([field, amount]) => [field, other.event.bill?.[field] ?? amount]),
    )
    const days = Object.fromEntries(
      Object.entries(facts.event.days ?? {}).map(([kind, count]) => [kind, other.event.days?.[kind] ?? count]),
    )
    return {
      ...facts,
      cover: { ...facts.cover, shares: other.cover.shares, continuous: other.cover.continuous },
      event: {
        ...facts.event,
        dates: other.cover.from === facts.cover.from ? other.event.dates : facts.event.dates,
        bill,
        days,
      },
    }
  })
  return { edition, probe, claims: fc.oneof(anything, around), pays: true }
}

/** Several events of one cover, one after the other: what each part paid, with what went before. */
const inTurn = (edition: Edition, claims: readonly Case[]): { judged: Judged[]; facts: Case }[] => {
  let earlier: Earlier[] = []
  return claims.map((claim, i) => {
    const facts = { ...claim, eventKey: `claim-${i}`, earlier }
    const judged = judge(edition, facts)
    earlier = [
      ...earlier,
      ...judged.filter((each) => each.counts).map((each) => earlierOf(edition, facts, each, `claim-${i}`)),
    ]
    return { judged, facts }
  })
}
/** Claims made into ones of the same person and cover, in the order of their days. */
const ofOneCover = (claims: readonly Case[]): Case[] => {
  const [first] = claims
  if (!first) return []
  return claims
    .map((claim) => ({ ...claim, cover: first.cover, person: first.person ?? {} }))
    .filter((claim) => claim.event.dates.settlement !== undefined)
    .sort((a, b) => ((a.event.dates.settlement ?? '') < (b.event.dates.settlement ?? '') ? -1 : 1))
}

describe.each(plans.value.map((file) => [`${file.edition.plan} ${file.edition.edition}`, file] as const))(
  '%s',
  (_, file) => {
    const { edition } = file
    const { probe, claims, pays } = spaceOf(edition)

    test('a benefit is whole fen, never negative, and never above the cap that is its last word', () => {
      fc.assert(
        fc.property(claims, (claim) => {
          for (const { benefitFen, part, ops, resolved } of judge(edition, claim)) {
            expect(Number.isSafeInteger(benefitFen) && benefitFen >= 0).toBe(true)
            const cap = ops === resolved?.ops ? capOf(edition, part.text.steps.at(-1)) : null
            if (cap !== null) expect(benefitFen).toBeLessThanOrEqual(cap)
          }
        }),
        runs,
      )
    })

    test('the last record of the workings is the benefit; instalments and bearers make the whole', () => {
      fc.assert(
        fc.property(claims, (claim) => {
          for (const judged of judge(edition, claim)) {
            const records = recordsOf(judged)
            if (records.length > 0) expect(records.at(-1)?.result).toBe(judged.benefitFen)
            else expect(judged.benefitFen).toBe(0)
            const made = assessmentOf(edition, claim, judged)
            const sum = (of: readonly { amountFen: number }[]) => of.reduce((all, each) => all + each.amountFen, 0)
            if (made.instalments.length > 0 && !made.forLife) expect(sum(made.instalments)).toBe(made.benefitFen)
            if (made.benefitFen > 0) expect(sum(made.borneBy)).toBe(made.benefitFen)
          }
        }),
        runs,
      )
    })

    test('a larger bill never gives less, where the steps only rise', () => {
      const parts = edition.parts.filter((part) => isRising(part) && onBillOnly(edition, part) && standsAlone(part))
      fc.assert(
        fc.property(claims, fc.nat(5_000_000), (claim, more) => {
          for (const part of parts)
            for (const field of Object.keys(claim.event.bill ?? {})) {
              if (probe.words.takenOff.has(field) || field === 'chosen_amount') continue
              if (part.grows_with && part.grows_with !== field && !part.steps.every(rising)) continue
              const larger = probe.with(claim, `bill.${field}`, (claim.event.bill?.[field] ?? 0) + more)
              const [before, after] = [claim, larger].map((each) =>
                judge(edition, each).find((one) => one.part.text.id === part.id),
              )
              if (before && after) expect(after.benefitFen).toBeGreaterThanOrEqual(before.benefitFen)
            }
        }),
        runs,
      )
    })

    test('a bill field that is not known is asked for, and never taken as zero', () => {
      fc.assert(
        fc.property(claims, (claim) => {
          for (const { part, benefitFen, resolved, ops } of judge(edition, claim)) {
            if (benefitFen === 0) continue
            const fields = ops.flatMap((op) => op.base?.terms ?? []).concat(resolved?.base?.terms ?? [])
            for (const { field, from } of fields) {
              if (from !== 'bill') continue
              const { [field]: _gone, ...bill } = claim.event.bill ?? {}
              const without = judge(edition, { ...claim, event: { ...claim.event, bill } })
              const same = without.find((each) => each.part.text.id === part.text.id)
              expect(same?.benefitFen).toBe(0)
              expect(same?.missing).toContain(`bill.${field}`)
            }
          }
        }),
        runs,
      )
    })

    test('over many claims of one cover no limit is overrun, and nothing is paid after the cover has ended', () => {
      fc.assert(
        fc.property(fc.array(claims, { minLength: 2, maxLength: 8 }), (several) => {
          const turns = inTurn(edition, ofOneCover(several))
          for (const part of edition.parts) {
            const own = turns.flatMap(({ judged }) => judged.filter((each) => each.part.text.id === part.id))
            const paid = own.reduce((all, each) => all + each.benefitFen, 0)
            const last = part.steps.at(-1)
            const cap = capOf(edition, last)
            const whole = last && 'at_most' in last && last.over === 'part' && last.within === 'cover'
            if (cap !== null && (whole || part.gathered_over === 'cover') && part.waiting === undefined)
              expect(paid).toBeLessThanOrEqual(cap)
            const most = part.claims_most
            if (
              most &&
              most.over === 'part' &&
              most.within === 'cover' &&
              most.per === 'person' &&
              part.gathered_over === 'event'
            )
              expect(own.filter((each) => each.benefitFen > 0).length).toBeLessThanOrEqual(
                Math.max(...numbersOf(edition, most.value)),
              )
            for (const step of part.steps)
              if ('per_day' in step && step.most_days && step.most_days_within === 'cover')
                expect(own.reduce((all, each) => all + each.paidDays, 0)).toBeLessThanOrEqual(
                  Math.max(...numbersOf(edition, step.most_days)),
                )
          }
          let ended: string | null = null
          for (const { judged, facts } of turns) {
            for (const each of judged)
              if (ended !== null && each.keyOn !== null && each.keyOn >= ended) expect(each.benefitFen).toBe(0)
            for (const each of judged) if (assessmentOf(edition, facts, each).endsCover) ended = each.keyOn
          }
        }),
        runs,
      )
    })

    const gathered = edition.parts.filter(
      (part) =>
        typeof part.gathered_over === 'string' &&
        part.gathered_over !== 'event' &&
        part.steps.every(rising) &&
        part.conditions.every((each) => 'fact' in each),
    )
    test('the order of claims on one day does not change their total, where the part gathers them', () => {
      fc.assert(
        fc.property(fc.array(claims, { minLength: 2, maxLength: 4 }), (several) => {
          const [first] = several
          if (!first) return
          const sameDay = ofOneCover(several).map((each) => ({
            ...each,
            event: { ...each.event, kind: first.event.kind, dates: first.event.dates },
          }))
          for (const part of gathered) {
            const total = (order: readonly Case[]) =>
              inTurn(edition, order).reduce(
                (all, { judged }) => all + (judged.find((each) => each.part.text.id === part.id)?.benefitFen ?? 0),
                0,
              )
            expect(total([...sameDay].reverse())).toBe(total(sameDay))
          }
        }),
        runs,
      )
    })

    test('a decision written down and read again is judged to the same fen, step by step', () => {
      fc.assert(
        fc.property(claims, (claim) => {
          const text = { sha256: file.sha256, text: file.text, clauses: file.clauses }
          const [made] = assess(edition, claim).filter((each) => each.missing.length === 0)
          if (!made) return
          const record = JSON.parse(JSON.stringify(recordOfDecision(text, claim, made))) as DecisionRecord
          const again = replay(record)
          expect(again.ok && again.value.differences).toEqual([])
        }),
        { ...runs, numRuns: 6 },
      )
    })

    if (pays)
      test('these claims reach what the edition pays: at least one in each hundred is paid something', () => {
        const paid = fc
          .sample(claims, { seed: 7, numRuns: 600 })
          .filter((claim) => judge(edition, claim).some((each) => each.benefitFen > 0))
        expect(paid.length).toBeGreaterThan(5)
      })
  },
)
