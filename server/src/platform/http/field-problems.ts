/** What a schema says of one field: zod's issue, or the same as the server's validation hands it on. */
interface Issue {
  readonly path: readonly PropertyKey[]
  readonly code?: string | undefined
  readonly message: string
  readonly expected?: unknown
  readonly origin?: unknown
  readonly minimum?: unknown
  readonly maximum?: unknown
  readonly values?: unknown
  readonly format?: unknown
}
interface FieldProblem {
  readonly field: string
  readonly problem: string
}

const kinds: Readonly<Record<string, string>> = {
  string: '文字',
  number: '数字',
  int: '整数',
  boolean: '“是”或“否”',
  array: '几项内容',
}
const bound = (issue: Issue, most: boolean): string => {
  const n = String(most ? issue.maximum : issue.minimum)
  if (issue.origin === 'string') return most ? `最多 ${n} 个字` : n === '1' ? '不能是空的' : `至少 ${n} 个字`
  if (issue.origin === 'array') return most ? `最多 ${n} 项` : `至少 ${n} 项`
  return most ? `不能大于 ${n}` : `不能小于 ${n}`
}

const inWords = (issue: Issue): string => {
  if (!/^(Invalid|Too|Unrecognized)\b/.test(issue.message)) return issue.message // a sentence of ours, beside the field
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? '没有填'
        : `应填${kinds[String(issue.expected)] ?? '别的内容'}`
    case 'too_small':
      return bound(issue, false)
    case 'too_big':
      return bound(issue, true)
    case 'invalid_value':
      return `应是其中之一：${(issue.values as readonly unknown[]).join('、')}`
    case 'invalid_format':
      return issue.format === 'date' ? '应是日历上有的日期，如 2026-03-01' : '格式不对'
    default:
      return '填得不对'
  }
}

/** What is wrong with each field, in words that whoever filled it in reads. */
export const fieldProblems = (issues: readonly Issue[]): FieldProblem[] =>
  issues.map((issue) => ({ field: issue.path.join('.'), problem: inWords(issue) }))
