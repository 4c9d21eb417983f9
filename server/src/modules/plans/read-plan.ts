import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { compile, type Edition } from './edition.ts'

export interface PlanFile {
  readonly edition: Edition
  readonly text: string
  readonly clauses: string
  /** of the edition's text and its clauses, as adopted and cited by decisions */
  readonly sha256: string
}

export const fingerprintOf = (text: string, clauses: string): string =>
  createHash('sha256').update(text).update('\0').update(clauses).digest('hex')

const textOf = async (file: string): Promise<string> => {
  const { size } = await stat(file)
  if (size > 600_000) throw new Error(`${file} 太大`)
  return (await readFile(file, 'utf8')).replaceAll('\r\n', '\n')
}

/** Every edition of a plan's folder: edition-*.yaml beside clauses.zh.md. */
export const readPlan = async (dir: string): Promise<Result<PlanFile[], Refused>> => {
  const names: string[] = await readdir(dir).catch(() => [])
  const editions = names.filter((name) => /^edition-.*\.yaml$/.test(name)).sort()
  const noFile = (zh: string) =>
    refuse({ code: 'edition_not_understood' as const, problems: [{ at: dir, zh }], first: zh })
  if (editions.length === 0) return noFile('这里没有 edition-….yaml 文件')
  if (!names.includes('clauses.zh.md')) return noFile('这里没有 clauses.zh.md（条款文字）')
  const clauses = await textOf(join(dir, 'clauses.zh.md'))
  const files: PlanFile[] = []
  for (const name of editions) {
    const text = await textOf(join(dir, name))
    const edition = compile(text, clauses)
    if (!edition.ok) return edition
    files.push({ edition: edition.value, text, clauses, sha256: fingerprintOf(text, clauses) })
  }
  return ok(files)
}

/** Every plan below a folder such as plans/. */
export const readPlans = async (root: string): Promise<Result<PlanFile[], Refused>> => {
  const all: PlanFile[] = []
  for (const entry of (await readdir(root, { withFileTypes: true })).filter((each) => each.isDirectory())) {
    const plan = await readPlan(join(root, entry.name))
    if (!plan.ok) return plan
    all.push(...plan.value)
  }
  return ok(all)
}

/** As it is written: yes or no, and a whole number where a code is one (a hospital of level 3). */
const YesNo = z.enum(['yes', 'no', 'true', 'false']).transform((word) => word === 'yes' || word === 'true')
const Code = z.string().transform((word) => (/^\d{1,3}$/.test(word) ? Number(word) : word))
const Amounts = z.record(z.string(), z.string())
const Days = z.record(z.string(), z.coerce.number().int())
const Earlier = z
  .object({
    part: z.string(),
    plan: z.string().optional(),
    on: z.string(),
    base: z.string().optional(),
    paid: z.string(),
    days: Days.optional(),
    paid_days: z.coerce.number().int().optional(),
    started: z.string().optional(),
    cause: z.string().optional(),
    beneficiary: z.string().optional(),
    same_cover: YesNo.default(true),
    illness: z.string().optional(),
    ended: YesNo.default(false),
    ended_parts: z.array(z.string()).default([]),
  })
  .strict()

/** Facts of a joiner, for an example about fees and who may join. */
const Joining = z
  .object({
    sex: z.enum(['F', 'M']).optional(),
    born: z.string().optional(),
    post: z.enum(['man', 'woman_cadre', 'woman_worker']).optional(),
    enrolment: z.enum(['new', 'renewing']).optional(),
    unit_kind: z.string().optional(),
    group_average_age: z.coerce.number().int().optional(),
    facts: z.record(z.string(), z.string()).default({}),
  })
  .strict()

/**
 * A worked example, in members' words and yuan; each is a test and a line on the public page. Of an event it says what is
 * paid, and until when it may be filed (`last_claim_day`). Of joining it says what is asked (`fee`, or `unknown`), of whom
 * (`payers`), of who joins a running term (`late`, `late_fee`), who may not join (`may_not_join`), how many must (`heads`,
 * `needed`), from when until when (`complete`: money and papers in; `starts`, `through`), what principal is owed, and what of it
 * who leaves early gets back (`months_served`, `returned`).
 */
export const Example = z
  .object({
    name: z.string(),
    edition: z.string().optional(),
    source: z.string().default('ours'),
    joined: z.string().default('2026-01-01'),
    shares: z.coerce.number().int().default(1),
    option: z.string().optional(),
    continuous: YesNo.default(false),
    covered_before_until: z.string().optional(),
    person: Joining.optional(),
    event: z.string().optional(),
    on: z.string().optional(),
    day_of_cover: z.coerce.number().int().optional(),
    dates: z.record(z.string(), z.string()).default({}),
    bill: Amounts.default({}),
    days: Days.default({}),
    codes: z.record(z.string(), z.union([Code, z.array(z.string())])).default({}),
    earlier: z.array(Earlier).default([]),
    benefit: z.string().optional(),
    parts: Amounts.optional(),
    instalments: z.coerce.number().int().optional(),
    refused: z.string().optional(),
    asks: z.array(z.string()).optional(),
    fee: z.string().optional(),
    may_not_join: z.array(z.string()).optional(),
    heads: z.coerce.number().int().optional(),
    needed: z.coerce.number().int().optional(),
    principal: z.string().optional(),
    months_served: z.coerce.number().int().optional(),
    returned: z.string().optional(),
    late: z.string().optional(),
    late_fee: z.string().optional(),
    payers: Amounts.optional(),
    complete: z.string().optional(),
    starts: z.string().optional(),
    through: z.string().optional(),
    last_claim_day: z.string().optional(),
    cites: z.array(z.string()).default([]),
  })
  .strict()
export type Example = z.infer<typeof Example>

/** The examples of a text; every one that cannot be read is told at its place. */
export const examplesFrom = (text: string, file = 'examples.yaml'): Result<Example[], Refused> => {
  const problem = (at: string, zh: string) =>
    refuse({ code: 'edition_not_understood' as const, problems: [{ at, zh }], first: `${at} ${zh}` })
  let raw: unknown
  try {
    // Every scalar as text, as in an edition; numbers and yes or no are made of it where the example wants them.
    raw = parse(text, { schema: 'failsafe', maxAliasCount: 20 })
  } catch (error) {
    return problem(file, `YAML 写法有误：${(error as Error).message.split('\n')[0]}`)
  }
  const parsed = z.array(Example).max(2_000).safeParse(raw)
  if (parsed.success) return ok(parsed.data)
  const problems = parsed.error.issues.map((issue) => ({ at: `${file} ${issue.path.join('.')}`, zh: issue.message }))
  return refuse({ code: 'edition_not_understood', problems, first: `${problems[0]?.at} ${problems[0]?.zh}` })
}

export const readExamples = async (file: string): Promise<Result<Example[], Refused>> =>
  examplesFrom(await textOf(file), file)
