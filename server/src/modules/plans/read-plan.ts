import { createHash } from 'node:crypto'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { compile, type Edition, type Problem, problemsIn, problemText } from './edition.ts'
import { readYaml } from './read-yaml.ts'

export interface PlanFile {
  readonly edition: Edition
  readonly text: string
  readonly clauses: string
  /** of the edition's text and its clauses, as adopted and cited by decisions */
  readonly sha256: string
}

export const fingerprintOf = (text: string, clauses: string): string =>
  createHash('sha256').update(text).update('\0').update(clauses).digest('hex')

const mostBytes = 600_000

/** A file's text: a plain file of bounded size in UTF-8, or why not. Its size is asked before a byte of it is read. */
const textOf = async (file: string): Promise<Result<string, Refused>> => {
  const no = (zh: string) => notUnderstood([{ at: basename(file), zh }])
  try {
    const is = await lstat(file)
    if (!is.isFile()) return no('不是普通文件（不能是链接、文件夹或设备）')
    if (is.size > mostBytes) return no(`文件太大（${Math.ceil(is.size / 1024)} KB），一个计划不应超过 512 KB`)
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)).replaceAll('\r\n', '\n'))
  } catch (error) {
    if (error instanceof TypeError) return no('文件不是 UTF-8 编码的文字')
    return no(`读不出来：${(error as NodeJS.ErrnoException).code ?? (error as Error).name}`)
  }
}

const notUnderstood = (problems: readonly Problem[]) =>
  refuse({ code: 'edition_not_understood' as const, problems, first: problems[0] ? problemText(problems[0]) : '' })

/** Problems of one file of several, each with its name before its place. */
const inFile = (name: string, problems: readonly Problem[]) =>
  notUnderstood(
    problems.map((each) => ({ ...each, at: each.at === '文件' || each.at === name ? name : `${name} ${each.at}` })),
  )

/** Every edition of a plan's folder: edition-*.yaml beside clauses.zh.md. */
export const readPlan = async (dir: string): Promise<Result<PlanFile[], Refused>> => {
  const names: string[] = await readdir(dir).catch(() => [])
  const editions = names.filter((name) => /^edition-.*\.yaml$/.test(name)).sort()
  const noFile = (zh: string) => notUnderstood([{ at: dir, zh }])
  if (editions.length === 0) return noFile('这里没有 edition-….yaml 文件')
  if (!names.includes('clauses.zh.md')) return noFile('这里没有 clauses.zh.md（条款文字）')
  if (editions.length > 200) return noFile('版本文件太多，最多 200 个')
  const clauses = await textOf(join(dir, 'clauses.zh.md'))
  if (!clauses.ok) return clauses
  const files: PlanFile[] = []
  for (const name of editions) {
    const text = await textOf(join(dir, name))
    if (!text.ok) return text
    const edition = compile(text.value, clauses.value)
    if (!edition.ok) return inFile(name, edition.refused.problems)
    files.push({
      edition: edition.value,
      text: text.value,
      clauses: clauses.value,
      sha256: fingerprintOf(text.value, clauses.value),
    })
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
const Count = z.coerce.number().int().min(0).max(100_000)
const Days = z.record(z.string(), Count)
const Earlier = z
  .object({
    part: z.string(),
    plan: z.string().optional(),
    on: z.string(),
    base: z.string().optional(),
    paid: z.string(),
    days: Days.optional(),
    paid_days: Count.optional(),
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
    group_average_age: Count.optional(),
    facts: z.record(z.string(), z.string()).default({}),
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
    edition: z.string().optional(),
    source: z.string().default('ours'),
    joined: z.string().default('2026-01-01'),
    shares: Count.default(1),
    option: z.string().optional(),
    continuous: YesNo.default(false),
    covered_before_until: z.string().optional(),
    person: Joining.optional(),
    event: z.string().optional(),
    on: z.string().optional(),
    day_of_cover: Count.optional(),
    dates: z.record(z.string(), z.string()).default({}),
    bill: Amounts.default({}),
    days: Days.default({}),
    codes: z.record(z.string(), z.union([Code, z.array(z.string())])).default({}),
    earlier: z.array(Earlier).default([]),
    benefit: z.string().optional(),
    parts: Amounts.optional(),
    instalments: Count.optional(),
    refused: z.string().optional(),
    asks: z.array(z.string()).optional(),
    fee: z.string().optional(),
    may_not_join: z.array(z.string()).optional(),
    heads: z.coerce.number().int().min(0).max(100_000_000).optional(),
    needed: z.coerce.number().int().min(0).max(100_000_000).optional(),
    principal: z.string().optional(),
    cites: z.array(z.string()).default([]),
  })
  .strict()
export type Example = z.infer<typeof Example>

export const readExamples = async (file: string): Promise<Result<Example[], Refused>> => {
  const text = await textOf(file)
  return text.ok ? examplesFrom(text.value, basename(file)) : text
}

/** The worked examples of a text, or what is wrong with them, each with its line. */
export const examplesFrom = (text: string, name = 'examples.yaml'): Result<Example[], Refused> => {
  const read = readYaml(text)
  if (!read.ok) return inFile(name, read.refused.problems)
  const Examples = z.array(Example).max(2_000)
  const parsed = Examples.safeParse(read.value.raw, { reportInput: true })
  if (parsed.success) return ok(parsed.data)
  const problems = problemsIn(Examples, parsed.error).map((problem) => {
    const line = read.value.lineOf(problem.at)
    return line === undefined ? problem : { ...problem, line }
  })
  return inFile(name, problems)
}
