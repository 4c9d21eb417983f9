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

const Amounts = z.record(z.string(), z.coerce.string())
const Days = z.record(z.string(), z.coerce.number().int())
const Earlier = z
  .object({
    part: z.string(),
    plan: z.string().optional(),
    on: z.coerce.string(),
    base: z.coerce.string().optional(),
    paid: z.coerce.string(),
    days: Days.optional(),
    paid_days: z.coerce.number().int().optional(),
    started: z.coerce.string().optional(),
    cause: z.string().optional(),
    beneficiary: z.coerce.string().optional(),
    same_cover: z.coerce.boolean().default(true),
    illness: z.string().optional(),
    ended: z.coerce.boolean().default(false),
    ended_parts: z.array(z.string()).default([]),
  })
  .strict()

/** Facts of a joiner, for an example about fees and who may join. */
const Joining = z
  .object({
    sex: z.enum(['F', 'M']).optional(),
    born: z.coerce.string().optional(),
    post: z.enum(['man', 'woman_cadre', 'woman_worker']).optional(),
    enrolment: z.enum(['new', 'renewing']).optional(),
    unit_kind: z.string().optional(),
    group_average_age: z.coerce.number().int().optional(),
    facts: z.record(z.string(), z.coerce.string()).default({}),
  })
  .strict()

/**
 * A worked example, in members' words and yuan; each is a test and a line on the public page. Of an event it says what is
 * paid; of joining, what is asked (`fee`), who may not (`may_not_join`), how many must (`heads`, `needed`), or what principal
 * is owed.
 */
export const Example = z
  .object({
    name: z.string(),
    edition: z.coerce.string().optional(),
    source: z.string().default('ours'),
    joined: z.coerce.string().default('2026-01-01'),
    shares: z.coerce.number().int().default(1),
    option: z.coerce.string().optional(),
    continuous: z.coerce.boolean().default(false),
    covered_before_until: z.coerce.string().optional(),
    person: Joining.optional(),
    event: z.string().optional(),
    on: z.coerce.string().optional(),
    day_of_cover: z.coerce.number().int().optional(),
    dates: z.record(z.string(), z.coerce.string()).default({}),
    bill: Amounts.default({}),
    days: Days.default({}),
    codes: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])).default({}),
    earlier: z.array(Earlier).default([]),
    benefit: z.coerce.string().optional(),
    parts: Amounts.optional(),
    instalments: z.coerce.number().int().optional(),
    refused: z.string().optional(),
    asks: z.array(z.string()).optional(),
    fee: z.coerce.string().optional(),
    may_not_join: z.array(z.string()).optional(),
    heads: z.coerce.number().int().optional(),
    needed: z.coerce.number().int().optional(),
    principal: z.coerce.string().optional(),
    cites: z.array(z.string()).default([]),
  })
  .strict()
export type Example = z.infer<typeof Example>

export const readExamples = async (file: string): Promise<Result<Example[], Refused>> => {
  const text = await textOf(file)
  const raw = parse(text, { maxAliasCount: 20 }) as unknown
  const parsed = z.array(Example).safeParse(raw)
  if (parsed.success) return ok(parsed.data)
  const problems = parsed.error.issues.map((issue) => ({ at: `${file} ${issue.path.join('.')}`, zh: issue.message }))
  return refuse({ code: 'edition_not_understood', problems, first: `${problems[0]?.at} ${problems[0]?.zh}` })
}
