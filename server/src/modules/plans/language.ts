import { z } from 'zod'

// An edition is read with every scalar as text, so that 36.10 is thirty-six yuan ten and never a binary fraction.

const Text = z.string().trim().min(1).max(500)
const Name = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, '名称用小写英文字母、数字和下划线')
const Clause = z.string().regex(/^art-\d{1,3}(\.\d{1,3})?$/, '条款写作 art-7 或 art-7.2')
const Day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, '日期写作 2026-01-01')
const YesNo = z.enum(['yes', 'no', 'true', 'false']).transform((word) => word === 'yes' || word === 'true')
const Whole = z
  .string()
  .regex(/^\d{1,9}$/, '写一个整数')
  .transform(Number)
const List = <T extends z.ZodType>(of: T) => z.array(of).max(200)

/** Money in yuan, a share in percent, a count, or a table of these: as the clause writes it. */
const Figure = z.union([
  z.string().max(40),
  z
    .object({
      bands: z
        .array(z.object({ over: z.string(), to: z.string().optional(), rate: z.string() }).strict())
        .min(1)
        .max(50),
    })
    .strict(),
  z.object({ table: z.record(z.string().max(40), z.string().max(40)) }).strict(),
])

/** One figure from a day on, beside its clause. `source: ours` marks what we set ourselves, to be checked. */
const Dated = z
  .object({
    value: Figure,
    clause: Clause,
    resolution: Text.optional(),
    source: z.enum(['published', 'ours']).default('published'),
  })
  .strict()

export const units = ['yuan', 'percent', 'count', 'days', 'months'] as const
const Value = z.object({ about: Text, unit: z.enum(units), from: z.record(Day, Dated) }).strict()

/** What a money step may start from or refer to: a named value, a named base, or `amount`, the record before. */
const Step = z.union([
  z.object({ amount: Name, clause: Clause }).strict(),
  z.object({ bands: Name, of: Name, rounding: z.enum(['down', 'half-up']), clause: Clause }).strict(),
  z.object({ rate: Name, of: Name, rounding: z.enum(['down', 'half-up']), clause: Clause }).strict(),
  z.object({ less: Name, clause: Clause }).strict(),
  z
    .object({ per_day: Name, days: Name, unpaid_days: Name.optional(), most_days: Name.optional(), clause: Clause })
    .strict(),
  z.object({ table: Name, by: Name, clause: Clause }).strict(),
  z.object({ bracket: Name, of: Name, clause: Clause }).strict(),
  z.object({ per_share: YesNo, clause: Clause }).strict(),
  z.object({ at_least: Name, clause: Clause }).strict(),
  z.object({ at_most: Name, within: z.enum(['event', 'cover', 'life']), clause: Clause }).strict(),
])

const Condition = z.union([
  z.object({ fact: Name, at_least: Name, clause: Clause }).strict(),
  z.object({ fact: Name, is: List(Text), clause: Clause }).strict(),
  z.object({ fact: Name, on_list: Name, clause: Clause }).strict(),
  z.object({ fact: Name, not_on_list: Name, clause: Clause }).strict(),
])

const Waiting = z
  .object({
    // whoever was covered without a longer break than the grace does not wait again
    not_when_continuous: YesNo,
    not_for_accidents: YesNo,
    windows: z
      .array(
        z
          .object({
            through_day: Name,
            pays: z.union([z.literal('nothing'), z.array(Step).min(1).max(5)]),
            ends_cover: YesNo.optional(),
            clause: Clause,
          })
          .strict(),
      )
      .min(1)
      .max(4),
  })
  .strict()

const Part = z
  .object({
    id: Name,
    title: Text,
    clause: Clause,
    events: List(
      z.enum(['inpatient_stay', 'outpatient_listed', 'diagnosis', 'operation', 'accident', 'disability', 'death']),
    ).min(1),
    key_date: z.enum([
      'accident',
      'onset',
      'diagnosis',
      'pathology',
      'admission',
      'discharge',
      'settlement',
      'application',
      'death',
    ]),
    conditions: List(Condition).default([]),
    waiting: Waiting.optional(),
    // 'cover': the base is gathered over the cover, and what was paid before is taken off
    gathered_over: z.enum(['event', 'cover']).default('event'),
    base: Name.optional(),
    steps: z.array(Step).min(1).max(20),
    claims_most: z
      .object({ value: Name, within: z.enum(['cover', 'life']), clause: Clause })
      .strict()
      .optional(),
    not_with: z
      .object({ part: Name, within: z.enum(['event', 'cover']), clause: Clause })
      .strict()
      .optional(),
    ends_cover: z.object({ when: YesNo, clause: Clause }).strict().optional(),
    // the same illness never pays again in this plan, on renewal either
    bars_illness: z.object({ when: YesNo, clause: Clause }).strict().optional(),
    papers: List(Text),
    reviews: z
      .object({
        levels: Whole.pipe(z.number().min(1).max(4)),
        decides: z.enum(['agency', 'office', 'association']),
        clause: Clause,
        source: z.enum(['published', 'ours']).default('published'),
      })
      .strict(),
    payee: z.enum(['member', 'union_account']).default('member'),
  })
  .strict()

export const EditionText = z
  .object({
    plan: z.string().regex(/^[a-z][a-z0-9-]{1,39}$/),
    edition: z.string().regex(/^[a-z0-9][a-z0-9-]{0,19}$/),
    title: Text,
    issuer: Text,
    kind: z.enum(['published', 'demonstration']),
    source: z.object({ issuer: Text, year: Text, evidence: Text }).strict(),
    family: z.enum(['hospital', 'critical', 'women', 'accident', 'allowance']),
    fund: z.string().regex(/^[a-z][a-z0-9-]{1,39}$/),
    in_force: z.object({ from: Day, through: Day.optional() }).strict(),
    // figures that no text we could read gives: while one is listed the edition is closed to enrolment
    missing: List(Text).default([]),
    readings: List(z.object({ clause: Clause, question: Text, chosen: Text }).strict()).default([]),
    values: z.record(Name, Value),
    bases: z
      .record(Name, z.object({ about: Text, clause: Clause, sum: z.record(Name, z.enum(['+1', '-1'])) }).strict())
      .default({}),
    lists: z
      .record(
        Name,
        z
          .object({
            about: Text,
            clause: Clause,
            source: z.enum(['published', 'ours']),
            codes: z.record(z.string().max(20), Text),
          })
          .strict(),
      )
      .default({}),
    who: z
      .object({
        clause: Clause,
        sex: z.enum(['F', 'M']).optional(),
        age_min: Name.optional(),
        age_max_f: Name.optional(),
        age_max_m: Name.optional(),
        counted_on: z.enum(['start', 'application']).default('start'),
      })
      .strict(),
    group: z
      .object({
        clause: Clause,
        of: z.enum(['staff', 'union_members', 'women']),
        ratio: Name.optional(),
        all_if_under: Name.optional(),
      })
      .strict()
      .optional(),
    fee: z
      .object({
        clause: Clause,
        per: z.enum(['person', 'share']),
        amount: Name,
        shares_max: Name,
        same_shares_for_all: YesNo.default(false),
        options: List(Text).default([]),
      })
      .strict(),
    term: z
      .object({
        clause: Clause,
        months: Name,
        starts: z.enum(['day_after_money_and_papers', 'common_day', 'scheme_date']),
        scheme_dates: List(Day).default([]),
        window: z
          .object({ from: z.string().regex(/^\d{2}-\d{2}$/), through: z.string().regex(/^\d{2}-\d{2}$/) })
          .strict()
          .optional(),
        grace_days: Name.optional(),
      })
      .strict(),
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
    claim_by: z.object({ clause: Clause, months_after_key_date: Name }).strict().optional(),
    objection: z.object({ clause: Clause, days: Name, where: Text }).strict().optional(),
    principal: z
      .object({ clause: Clause, amount_per_share: Name, due: z.enum(['end_of_term']) })
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
