import type { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { type CivilDate, isDay } from '#kernel/days.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { checkReferences } from './check-references.ts'
import { asNumber, type Complain, type DatedFigure, figureOf, readFigure, type Value } from './figures.ts'
import { EditionText } from './language.ts'
import { didYouMean, keysAt } from './near-miss.ts'
import { mostText, readYaml } from './read-yaml.ts'

/** A checked edition: its text as data, every figure parsed to fen, basis points or a whole number. */
export interface Edition extends Omit<EditionText, 'values'> {
  readonly values: Readonly<Record<string, Value>>
  readonly clauses: Readonly<Record<string, string>>
}

export interface Problem {
  readonly at: string
  readonly zh: string
  /** the line of the text, where it is known */
  readonly line?: number
}
export type CompileRefused = {
  readonly code: 'edition_not_understood'
  readonly problems: readonly Problem[]
  readonly first: string
}

const refused = (problems: readonly Problem[]) =>
  refuse<CompileRefused>({
    code: 'edition_not_understood',
    problems: problems.slice(0, 100),
    first: problems[0] ? problemText(problems[0]) : '',
  })

/** A problem in one line: its place, its line where that is known, and what is wrong. */
export const problemText = ({ at, zh, line }: Problem): string => `${at}${line ? `（第 ${line} 行）` : ''}：${zh}`

const clausesOf = (text: string): Record<string, string> => {
  const clauses: Record<string, string> = {}
  let current = ''
  for (const line of text.split('\n')) {
    const heading = /^#{2,4}\s*(art-\d+(?:\.\d+)?)\s*(.*)$/.exec(line)
    if (heading) {
      current = heading[1] ?? ''
      clauses[current] = heading[2]?.trim() ?? ''
    } else if (current && line.trim()) clauses[current] = `${clauses[current]}\n${line.trim()}`.trim()
  }
  return clauses
}

/**
 * Reads an edition's text (YAML) and its clauses (Markdown: a heading `## art-7 …` each). Refuses with every problem at
 * its place; bounded for hostile text: half a megabyte, few aliases, limited lists.
 */
export const compile = (text: string, clauseText: string): Result<Edition, CompileRefused> => {
  if (clauseText.length > mostText) return refused([{ at: 'clauses.zh.md', zh: '文件太大，条款不应超过 512 KB' }])
  const read = readYaml(text)
  if (!read.ok) return refused(read.refused.problems)
  const { raw, lineOf } = read.value
  const withLine = (problem: Problem): Problem => {
    const line = problem.at.startsWith('clauses.zh.md') ? undefined : lineOf(problem.at)
    return line === undefined ? problem : { ...problem, line }
  }
  const parsed = EditionText.safeParse(raw, { reportInput: true })
  if (!parsed.success) return refused(problemsIn(EditionText, parsed.error).map(withLine))
  const edition = check(parsed.data, clausesOf(clauseText))
  return edition.ok ? edition : refused(edition.refused.problems.map(withLine))
}

/** What a schema found wrong, each at its place and in words for whoever wrote it. */
export const problemsIn = (schema: z.ZodType, error: z.ZodError): Problem[] =>
  error.issues.slice(0, 100).flatMap((issue) => problemsOf(schema, issue, []))

const kindsOf: Readonly<Record<string, string>> = {
  string: '一段文字',
  number: '一个数',
  int: '一个整数',
  boolean: 'true 或 false',
  object: '一组“名称: 内容”',
  record: '一组“名称: 内容”',
  array: '一个列表',
  tuple: '一个列表',
}

const problemsOf = (schema: z.ZodType, issue: z.core.$ZodIssue, above: readonly PropertyKey[]): Problem[] => {
  const path = [...above, ...issue.path]
  const at = path.map(String).join('.') || '文件'
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(schema, path)
      return issue.keys.slice(0, 20).map((key) => {
        const near = didYouMean(key, known)
        const allowed = known.length > 0 && known.length <= 40 ? `；这里可以写 ${known.join('、')}` : ''
        return { at, zh: `不认识的项目：${key.slice(0, 60)}${near || allowed}` }
      })
    }
    case 'invalid_value': {
      const near = typeof issue.input === 'string' ? didYouMean(issue.input, issue.values.map(String)) : ''
      return [{ at, zh: `应是其中之一：${issue.values.join('、')}${near}` }]
    }
    case 'invalid_type':
      return [
        {
          at,
          zh:
            issue.input === undefined
              ? '缺少这一项'
              : `写法不对，应是${kindsOf[issue.expected] ?? ` ${issue.expected}`}`,
        },
      ]
    case 'too_big':
      return [
        {
          at,
          zh:
            issue.origin === 'string'
              ? `太长，最多 ${issue.maximum} 个字`
              : issue.origin === 'array'
                ? `太多，最多 ${issue.maximum} 项`
                : `太大，最大 ${issue.maximum}`,
        },
      ]
    case 'too_small':
      return [
        {
          at,
          zh:
            issue.origin === 'string'
              ? '不能空着'
              : issue.origin === 'array'
                ? `至少写 ${issue.minimum} 项`
                : `太小，最小 ${issue.minimum}`,
        },
      ]
    case 'invalid_key':
      return [{ at, zh: `名称写法不对：${issue.issues[0]?.message ?? ''}` }]
    case 'invalid_union': {
      // Of all the ways it could be meant, the one with the fewest complaints; the words that name it count most.
      const weight = (way: readonly z.core.$ZodIssue[]): number =>
        way.reduce(
          (sum, each) =>
            sum +
            (each.code === 'unrecognized_keys'
              ? 3 * each.keys.length
              : each.code === 'invalid_type' && each.path.length === 0
                ? 9
                : 2),
          0,
        )
      const [meant] = [...issue.errors].sort((a, b) => weight(a) - weight(b))
      return meant && meant.length > 0
        ? meant.flatMap((each) => problemsOf(schema, each, path))
        : [{ at, zh: '写法不对：没有这种步骤或条件，或缺少、多出项目' }]
    }
    default:
      return [{ at, zh: issue.message }]
  }
}

const datedOf = (
  name: string,
  from: Readonly<Record<string, { value: unknown; clause: string; resolution?: string | undefined; source: string }>>,
  unit: Value['unit'],
  complain: Complain,
): DatedFigure[] => {
  const dated: DatedFigure[] = []
  for (const [on, figure] of Object.entries(from).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const at = `values.${name}.${on}`
    if (!isDay(on)) {
      complain(at, '日历上没有这一天')
      continue
    }
    const value = readFigure(figure.value as Parameters<typeof readFigure>[0], unit, at, complain)
    if (value === undefined) continue
    const { clause, resolution } = figure
    dated.push({
      from: on as CivilDate,
      value,
      clause,
      ours: figure.source === 'ours',
      ...(resolution ? { resolution } : {}),
    })
  }
  return dated
}

const readValue = (name: string, given: EditionText['values'][string], firstDay: string, complain: Complain): Value => {
  const { about, unit } = given
  if ('unknown' in given) return { name, about, unit, dated: [], classes: {}, awaits: null, unknown: true }
  const from = 'from' in given ? given.from : { [firstDay]: given }
  const dated = datedOf(name, from, unit, complain)
  const awaits = 'awaits' in given ? given.awaits : null
  const first = dated[0]
  if (awaits === null && isDay(firstDay) && (!first || first.from > firstDay))
    complain(`values.${name}`, `从 ${firstDay} 起没有数值：每一天都要有且只有一个`)
  const classes = Object.fromEntries(
    Object.entries(('for' in given && given.for) || {}).map(([each, figures]) => [
      each,
      datedOf(`${name}.for.${each}`, figures, unit, complain),
    ]),
  )
  return { name, about, unit, dated, classes, awaits, unknown: false }
}

const check = (data: EditionText, clauses: Record<string, string>): Result<Edition, CompileRefused> => {
  const problems: Problem[] = []
  const complain: Complain = (at, zh) => {
    if (problems.length < 200) problems.push({ at, zh })
  }
  const values = Object.fromEntries(
    Object.entries(data.values).map(([name, value]) => [name, readValue(name, value, data.in_force.from, complain)]),
  )
  const unknown = Object.values(values).filter((value) => value.unknown)
  const missing = [...new Set([...data.missing, ...unknown.map((value) => value.about)])]
  const edition: Edition = { ...data, values, clauses, missing }
  checkReferences(edition, complain)
  return problems.length > 0 ? refused(problems) : ok(edition)
}

/** The figure in force on a day; an edition has exactly one for each of its days. */
export const figureOn = (edition: Edition, name: string, on: string): DatedFigure => {
  const value = edition.values[name]
  const figure = value && figureOf(value, on, null)
  assert(figure, `the edition has no figure ${name}`)
  return figure
}

/** A figure that is one number: fen, basis points, days or a count. */
export const numberOn = (edition: Edition, name: string, on: string): number =>
  asNumber(figureOn(edition, name, on), name)
