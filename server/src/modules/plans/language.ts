import { z } from 'zod'
import { eventKinds } from '#contract/claims.ts'

// An edition is read with every scalar as text, so that 36.10 is thirty-six yuan ten and never a binary fraction.
// The reference with an example of each construct is docs/reference/plan-language.md, written from here.

const Text = z.string().trim().min(1).max(500)
const Name = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, '名称用小写英文字母、数字和下划线')
const PlanName = z.string().regex(/^[a-z][a-z0-9-]{1,39}$/, '计划名用小写英文字母、数字和短横线')
const Clause = z.string().regex(/^art-\d{1,3}(\.\d{1,3})?$/, '条款写作 art-7 或 art-7.2')
const Day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, '日期写作 2026-01-01')
const MonthDay = z.string().regex(/^\d{2}-\d{2}$/, '月日写作 03-31')
const Source = z.enum(['published', 'ours'])
const YesNo = z.enum(['yes', 'no', 'true', 'false']).transform((word) => word === 'yes' || word === 'true')
const Whole = z
  .string()
  .regex(/^\d{1,9}$/, '写一个整数')
  .transform(Number)
const List = <T extends z.ZodType>(of: T) => z.array(of).max(200)
/** A clause may be left out where it is the one of the part. */
const MaybeClause = Clause.optional()

const Cell = z.string().max(40)
/** Money in yuan, a share in percent, a fraction, a count, days or months; or a table of these: as the clause writes it. */
const Figure = z.union([
  Cell,
  z
    .object({
      // what the bands are cut along: money, or a count of days, months, years of age or heads
      along: z.enum(['yuan', 'count']).default('yuan'),
      bands: z
        .array(z.object({ over: Cell, to: Cell.optional(), rate: Cell }).strict())
        .min(1)
        .max(50),
    })
    .strict(),
  z
    .object({
      paid_days: z
        .array(z.object({ over: Cell, to: Cell.optional(), days: Cell, most: Cell.optional() }).strict())
        .min(1)
        .max(50),
    })
    .strict(),
  z.object({ table: z.record(z.string().max(40), Cell) }).strict(),
])

const dated = { value: Figure, clause: Clause, resolution: Text.optional(), source: Source.default('published') }
/** One figure from a day on, beside its clause. `source: ours` marks what we set ourselves, to be checked. */
const Dated = z.object(dated).strict()

export const units = ['yuan', 'percent', 'fraction', 'count', 'days', 'months'] as const
const Unit = z.enum(units)
/** Other figures for a class of persons, in force like the figure they stand in for. */
const ForClasses = z.record(Name, z.record(Day, Dated)).optional()
const Value = z.union([
  z.object({ about: Text, unit: Unit, ...dated, for: ForClasses }).strict(),
  z.object({ about: Text, unit: Unit, from: z.record(Day, Dated), for: ForClasses }).strict(),
  // known only after a body has resolved: until then whatever needs it waits
  z.object({ about: Text, unit: Unit, awaits: Text, clause: Clause, from: z.record(Day, Dated).default({}) }).strict(),
  // no text that we could read gives it: the edition is closed to enrolment, and what needs it is not worked out
  z.object({ about: Text, unit: Unit, unknown: z.enum(['yes', 'true']), clause: Clause }).strict(),
])

/**
 * What earlier benefits count: of this event, this cover, the calendar year or the insurance year of the key date, the last
 * days up to it, or a life.
 */
const Window = z.union([
  z.enum(['event', 'cover', 'calendar_year', 'insurance_year', 'life']),
  z.object({ last_days: Name }).strict(),
])
/** Whose: of the part itself, of the whole plan, of named parts, or of several plans together. */
const Over = z.union([
  z.enum(['part', 'plan']),
  z.object({ parts: List(Name).min(1) }).strict(),
  z.object({ plans: List(PlanName).min(1) }).strict(),
])
const counted = { within: Window, over: Over.default('part') }

const Rounding = z.enum(['down', 'half-up'])
const ifUnknown = { if_unknown: z.enum(['ask', 'met', 'not_met']).default('ask') }
/** Conditions of a part, of a class or of joining; those of one list must all hold. */
const OneCondition = z.union([
  z.object({ fact: Name, at_least: Name, clause: MaybeClause, ...ifUnknown }).strict(),
  z.object({ fact: Name, at_most: Name, clause: MaybeClause, ...ifUnknown }).strict(),
  z.object({ fact: Name, is: List(Text), clause: MaybeClause, ...ifUnknown }).strict(),
  z.object({ fact: Name, is_not: List(Text), clause: MaybeClause, ...ifUnknown }).strict(),
  z.object({ fact: Name, on_list: Name, clause: MaybeClause, ...ifUnknown }).strict(),
  z.object({ fact: Name, not_on_list: Name, clause: MaybeClause, ...ifUnknown }).strict(),
  // a trigger: the base of this event, the sum over a window, or either, must be over (or reach) a figure
  z
    .object({
      base: Name,
      over: Name.optional(),
      reaches: Name.optional(),
      within: z.enum(['event', 'cover', 'calendar_year', 'either']).default('event'),
      clause: MaybeClause,
    })
    .strict(),
  z
    .object({ days_from: Name, to: Name, at_least: Name.optional(), at_most: Name.optional(), clause: MaybeClause })
    .strict(),
  z
    .object({
      claims_of: Over,
      within: Window,
      at_least: Name.optional(),
      at_most: Name.optional(),
      clause: MaybeClause,
    })
    .strict(),
])
export const Condition = z.union([
  ...OneCondition.options,
  z.object({ any: z.array(z.array(OneCondition).min(1).max(10)).min(2).max(10), clause: MaybeClause }).strict(),
])
const Conditions = List(Condition).default([])

/** What a money step may start from or refer to: a named value, a named base, or `amount`, the result before. */
const clause = { clause: MaybeClause }
export const Step = z.union([
  z.object({ amount: Name, ...clause }).strict(),
  z.object({ bands: Name, of: Name, rounding: Rounding, ...clause }).strict(),
  z.object({ rate_of_band: Name, of: Name, rounding: Rounding, ...clause }).strict(),
  z.object({ rate: Name, of: Name, by: Name.optional(), rounding: Rounding, ...clause }).strict(),
  z.object({ less: Name, by: Name.optional(), ...clause }).strict(),
  z
    .object({
      per_day: Name,
      by: Name.optional(),
      days: Name,
      unpaid_days: Name.optional(),
      most_days: Name.optional(),
      most_days_within: z.enum(['event', 'cover']).default('event'),
      ...clause,
    })
    .strict(),
  z.object({ per_paid_day: Name, paid_days: Name, days: Name, ...clause }).strict(),
  z.object({ table: Name, by: Name, ...clause }).strict(),
  z.object({ bracket: Name, of: Name, ...clause }).strict(),
  z.object({ from: Name, ...clause }).strict(),
  z.object({ per_share: YesNo, ...clause }).strict(),
  z.object({ times: Name, ...clause }).strict(),
  z.object({ share_in_cover: z.tuple([Name, Name]), rounding: Rounding, ...clause }).strict(),
  z.object({ at_least: Name, ...clause }).strict(),
  z.object({ at_most: Name, ...counted, ...clause }).strict(),
  z.object({ not_above: Name, ...clause }).strict(),
  z.object({ less_paid: YesNo, ...counted, ...clause }).strict(),
  z.object({ top_up_to: Name, ...counted, ...clause }).strict(),
  z.object({ chosen_from: Name, to: Name, by_body: Text, criteria: Text, ...clause }).strict(),
])

const Waiting = z
  .object({
    // whoever was covered without a longer break than the grace does not wait again
    not_when_continuous: YesNo.default(false),
    // only a person's first enrolment ever waits
    only_first_enrolment: YesNo.default(false),
    not_for_accidents: YesNo.default(false),
    counted_from: z.enum(['effect', 'application']).default('effect'),
    windows: z
      .array(
        z
          .object({
            through_day: Name,
            pays: z.union([z.literal('nothing'), z.array(Step).min(1).max(5)]),
            ends_cover: YesNo.optional(),
            ends_parts: List(Name).optional(),
            clause: MaybeClause,
          })
          .strict(),
      )
      .min(1)
      .max(4),
  })
  .strict()

export const dateNames = [
  'accident',
  'onset',
  'diagnosis',
  'pathology',
  'admission',
  'discharge',
  'settlement',
  'application',
  'death',
  'birth',
  'job_loss',
  'age_reached',
  'loss',
  'graded',
  'year_end',
] as const
const DateName = z.enum(dateNames)

const Part = z
  .object({
    id: Name,
    title: Text,
    clause: Clause,
    events: List(z.enum(eventKinds)).min(1),
    // one date, or the first whose conditions hold: cancer by its pathology report, other illness by admission
    key_date: z.union([
      DateName,
      z
        .array(z.object({ date: DateName, when: Conditions }).strict())
        .min(1)
        .max(5),
    ]),
    // only for covers of these options
    options: List(Text).optional(),
    conditions: Conditions,
    waiting: Waiting.optional(),
    // a wider window: the base and days are gathered over it, and what was paid in it is taken off
    gathered_over: z
      .union([
        z.enum(['event', 'cover', 'calendar_year', 'insurance_year', 'life']),
        z.object({ same_cause_within_days: Name }).strict(),
      ])
      .default('event'),
    base: Name.optional(),
    // the fact `nth`: which claim of this part it is, counted within
    nth_within: z.enum(['cover', 'calendar_year', 'insurance_year', 'life']).default('cover'),
    steps: z.array(Step).min(1).max(20),
    claims_most: z
      .object({
        value: Name,
        ...counted,
        per: z.enum(['person', 'beneficiary']).default('person'),
        clause: MaybeClause,
      })
      .strict()
      .optional(),
    not_with: z
      .union([
        z.object({ part: Name, within: z.enum(['event', 'cover']), clause: MaybeClause }).strict(),
        z.object({ plan: PlanName, within: z.enum(['event', 'life']), clause: MaybeClause }).strict(),
      ])
      .optional(),
    ends_cover: z.object({ when: YesNo, clause: MaybeClause }).strict().optional(),
    ends_parts: z
      .object({ parts: List(Name).min(1), clause: MaybeClause })
      .strict()
      .optional(),
    // the same illness never pays again in this plan, on renewal either
    bars_illness: z.object({ when: YesNo, clause: MaybeClause }).strict().optional(),
    // several instalments, each due on its own day
    schedule: z
      .object({
        every_months: Name,
        times: Name.optional(),
        lasts: z.enum(['times', 'for_life']).default('times'),
        // the steps give each instalment, or a whole that is split into them exactly
        steps_give: z.enum(['each', 'whole']),
        first_due: z.enum(['key_date', 'first_of_next_month']),
        while: Text.optional(),
        clause: MaybeClause,
      })
      .strict()
      .optional(),
    papers: List(Text).default([]),
    reviews: z
      .object({
        levels: Whole.pipe(z.number().min(1).max(4)),
        decides: z.enum(['agency', 'office', 'association']),
        clause: MaybeClause,
        source: Source.default('published'),
      })
      .strict(),
    payee: z.enum(['member', 'heirs', 'guardian', 'union_account', 'hospital']).default('member'),
    // who bears it: shares of funds that make the whole; left out, the edition's fund bears all
    borne_by: List(z.object({ fund: PlanName, level: Text, share: Name }).strict()).default([]),
    // indemnity: never above the loss; plan check looks for benefit above cost
    kind: z.enum(['indemnity', 'fixed_sum']).optional(),
    grows_with: Name.optional(),
  })
  .strict()

export const families = [
  'hospital',
  'critical',
  'women',
  'accident',
  'work_injury',
  'allowance',
  'death',
  'disability',
  'pension',
  'unemployment',
  'property',
  'maternity',
] as const
export const unitKinds = ['employer', 'joint_union', 'without_code', 'public', 'other'] as const

/** A contribution is a sum of such items: a figure, a row of a table by a fact of the joiner, or a band of an age. */
const FeeItem = z
  .object({
    amount: Name,
    by: Name.optional(),
    band_of: z.enum(['age', 'group_average_age']).optional(),
    when: Conditions,
    clause: MaybeClause,
  })
  .strict()

export const EditionText = z
  .object({
    plan: PlanName,
    edition: z.string().regex(/^[a-z0-9][a-z0-9-]{0,19}$/),
    title: Text,
    issuer: Text,
    place: Text.optional(),
    // published: read in a text; demonstration: a published benefit with figures of ours; ours: designed by us
    kind: z.enum(['published', 'demonstration', 'ours']),
    source: z.object({ issuer: Text, year: Text, evidence: Text }).strict(),
    family: z.enum(families),
    fund: PlanName,
    in_force: z.object({ from: Day, through: Day.optional() }).strict(),
    // what no text we could read gives, beside the figures marked unknown: while anything is listed the edition is closed to
    // enrolment
    missing: List(Text).default([]),
    readings: List(
      z.object({ clause: Clause, question: Text, chosen: Text, others: List(Text).default([]) }).strict(),
    ).default([]),
    values: z.record(Name, Value),
    bases: z
      .record(
        Name,
        z
          .object({
            about: Text,
            clause: Clause,
            // bill fields, with +1, -1 or a named share of each; benefit_of_<part> is what an earlier part pays for this event
            sum: z.record(Name, z.string().regex(/^(\+1|-1|-?[a-z][a-z0-9_]{0,39})$/, '写 +1、-1 或一个比例的名称')),
            rounding: Rounding.optional(),
          })
          .strict(),
      )
      .default({}),
    lists: z
      .record(
        Name,
        z.object({ about: Text, clause: Clause, source: Source, codes: z.record(z.string().max(20), Text) }).strict(),
      )
      .default({}),
    // classes of persons whose figures differ; a person is in the first whose conditions hold
    classes: z
      .record(Name, z.object({ about: Text, clause: Clause, when: List(Condition).min(1) }).strict())
      .default({}),
    insurance_year: z.object({ starts: MonthDay, clause: Clause }).strict().optional(),
    who: z
      .object({
        clause: Clause,
        sex: z.enum(['F', 'M']).optional(),
        age_min: Name.optional(),
        age_max_f: Name.optional(),
        age_max_m: Name.optional(),
        before_retirement: YesNo.default(false),
        counted_on: z.enum(['start', 'application']).default('start'),
        conditions: Conditions,
        // asked, never refused for
        asks: List(Text).default([]),
        excludes_plans: List(z.object({ plan: PlanName, clause: Clause }).strict()).default([]),
        requires_plans: List(z.object({ plan: PlanName, clause: Clause }).strict()).default([]),
        repeat: z
          .object({ is: z.enum(['void_no_refund', 'void_refunded']), clause: Clause })
          .strict()
          .optional(),
        covers: z.enum(['member', 'child', 'spouse', 'home']).default('member'),
      })
      .strict(),
    group: z
      .object({
        clause: Clause,
        of: z.enum(['staff', 'union_members', 'women']),
        ratio: Name.optional(),
        ratio_by: z.enum(['unit_kind', 'heads']).optional(),
        all_if_under: Name.optional(),
        persons_min: Name.optional(),
      })
      .strict()
      .optional(),
    fee: z
      .object({
        clause: Clause,
        per: z.enum(['person', 'share', 'month']),
        amount: Name.optional(),
        by: Name.optional(),
        items: List(FeeItem).default([]),
        shares_max: Name,
        same_shares_for_all: YesNo.default(false),
        options: List(Text).default([]),
        free_for: List(Name).default([]),
        member_pays_at_least: Name.optional(),
        // who pays an amount, or a share of what the amounts leave; one with neither pays the rest
        payers: List(
          z
            .object({
              who: z.enum(['member', 'unit', 'unit_union', 'upper_union', 'finance']),
              // which union, where several levels of the same kind pay
              level: Text.optional(),
              amount: Name.optional(),
              share: Name.optional(),
            })
            .strict(),
        ).default([]),
        // a later joiner of a running term: by whole months left, or a figure of its own for the second half
        part_of_term: z
          .object({ by: z.enum(['months_left', 'half']), amount: Name.optional(), clause: Clause })
          .strict()
          .optional(),
        arrears: z.object({ since: Day, per_months: Name, clause: Clause }).strict().optional(),
      })
      .strict(),
    term: z
      .object({
        clause: Clause,
        months: Name.optional(),
        days: Name.optional(),
        by: z.enum(['option']).optional(),
        starts: z.enum(['day_after_money_and_papers', 'common_day', 'scheme_date', 'register_day', 'open']),
        scheme_dates: List(Day).default([]),
        window: z.object({ from: MonthDay, through: MonthDay }).strict().optional(),
        grace_days: Name.optional(),
        // first-timers begin later and end with everybody
        first_timers_wait_days: Name.optional(),
        events_count_from: Day.optional(),
        money_needed: z.enum(['all', 'unit_side', 'none_of_promised']).default('all'),
        short_money_holds: z.enum(['whole_unit', 'named_persons']).default('whole_unit'),
      })
      .strict(),
    excludes: Conditions,
    parts: z.array(Part).min(1).max(40),
    notice: z
      .object({
        clause: Clause,
        days: Name,
        counted_in: z.enum(['natural', 'working']),
        when: z.enum(['before', 'after']),
      })
      .strict()
      .optional(),
    claim_by: z
      .union([
        z.object({ clause: Clause, months_after_key_date: Name }).strict(),
        z.object({ clause: Clause, days_after_key_date: Name }).strict(),
        z.object({ clause: Clause, next_year_by: MonthDay }).strict(),
        z.object({ clause: Clause, months_after_term: Name }).strict(),
      ])
      .optional(),
    objection: z.object({ clause: Clause, days: Name, where: Text }).strict().optional(),
    principal: z
      .object({
        clause: Clause,
        amount_per_share: Name,
        by: z.enum(['option']).optional(),
        due: z.enum(['end_of_term', 'on_application']),
        // what is given back to who leaves early: a share of the principal by months served
        early_leaver: z.object({ share_by_months: Name, rounding: Rounding, clause: Clause }).strict().optional(),
        after_a_benefit: z.enum(['still_owed', 'ends']).default('still_owed'),
      })
      .strict()
      .optional(),
    does_not_pay: List(z.object({ clause: Clause, text: Text }).strict()).default([]),
    accepted_warnings: List(z.object({ warning: Text, reason: Text }).strict()).default([]),
  })
  .strict()

export type EditionText = z.infer<typeof EditionText>
export type PartText = EditionText['parts'][number]
export type StepText = z.infer<typeof Step>
export type WaitingText = z.infer<typeof Waiting>
export type ConditionText = z.infer<typeof Condition>
export type OneConditionText = z.infer<typeof OneCondition>
export type WindowText = z.infer<typeof Window>
export type OverText = z.infer<typeof Over>
