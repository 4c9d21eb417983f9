import { type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import { ok, type Result, refuse } from '#kernel/result.ts'
import type { Problem } from './edition.ts'

/** A YAML text that was read: its content, and the line of any place in it. */
export interface ReadYaml {
  readonly raw: unknown
  /** the line of a place such as parts.inpatient.steps[2] or values.cap.2026-01-01; of the nearest thing above it */
  lineOf(at: string): number | undefined
}

// Shipped editions have at most a few thousand nodes and are eight deep; these bounds leave room and keep reading short.
export const mostText = 512 * 1024
const mostAliases = 20
const mostNodes = 30_000
const mostDeep = 32
const mostColumns = 4_000

const no = (at: string, zh: string, line?: number) =>
  refuse({
    code: 'yaml_not_understood' as const,
    problems: [{ at, zh, ...(line === undefined ? {} : { line }) }] as readonly Problem[],
  })

/** Names that every object has from its prototype: as a key or a word they would be taken for something known. */
const isOfEveryObject = (word: unknown): boolean => typeof word === 'string' && word in Object.prototype

/** Nesting that a line by line look can see: long before a parser that calls itself would run out of stack. */
const tooDeep = (text: string): number | null => {
  let open = 0
  let number = 0
  for (const line of text.split('\n')) {
    number += 1
    const indent = line.length - line.trimStart().length
    if (indent > 8 * mostDeep || /^\s*(?:[-?:] +){12}/.test(line)) return number
    for (const sign of line) {
      if (sign === '[' || sign === '{') open += 1
      else if ((sign === ']' || sign === '}') && open > 0) open -= 1
      if (open > mostDeep) return number
    }
  }
  return null
}

/** What nobody writes in a plan: aliases without end, tags, keys twice, names of every object, too many nodes. */
const forbidden = (document: Document.Parsed, lines: LineCounter): { zh: string; line: number } | null => {
  let [aliases, nodes] = [0, 0]
  let found: { zh: string; line: number } | null = null
  const stop = (node: unknown, zh: string) => {
    const range = (node as { range?: readonly number[] | null }).range
    found = { zh, line: range ? lines.linePos(range[0] ?? 0).line : 1 }
    return visit.BREAK
  }
  visit(document, (_, node, path) => {
    nodes += 1
    if (nodes > mostNodes) return stop(node, `内容太多：一个计划不应超过 ${mostNodes} 项`)
    if (path.length > 2 * mostDeep) return stop(node, '套得太深')
    if (isAlias(node)) {
      aliases += 1
      return aliases > mostAliases ? stop(node, '引用（*名称）太多，请直接写出内容') : undefined
    }
    if (isPair(node)) {
      if (!isScalar(node.key)) return stop(node.key ?? node.value ?? {}, '名称要写成一个词，不能是列表或一组内容')
      if (isOfEveryObject(String(node.key.value))) return stop(node.key, `不能用“${node.key.value}”作名称`)
      return undefined
    }
    if (isScalar(node) && isOfEveryObject(node.value)) return stop(node, `不能写“${node.value}”`)
    if (
      (isScalar(node) || isMap(node) || isSeq(node)) &&
      node.tag !== undefined &&
      !/^tag:yaml.org,2002:(str|map|seq|int|float|bool|null)$/.test(node.tag)
    )
      return stop(node, `不能写类型标记 ${String(node.tag).slice(0, 40)}`)
    if (isMap(node)) {
      const keys = new Set<string>()
      for (const pair of node.items) {
        const key = isScalar(pair.key) ? String(pair.key.value) : ''
        if (keys.has(key)) return stop(pair.key ?? node, `“${key.slice(0, 40)}”写了两次`)
        keys.add(key)
      }
    }
    return undefined
  })
  return found
}

/**
 * Reads a YAML text in bounded time, or refuses it with the place and the reason. Every scalar stays as it was written, so
 * that 36.10 is never a binary fraction.
 */
export const readYaml = (
  text: string,
): Result<ReadYaml, { code: 'yaml_not_understood'; problems: readonly Problem[] }> => {
  if (text.length > mostText) return no('文件', '文件太大，一个计划不应超过 512 KB')
  if (text.includes('\uFFFD') || text.includes('\0')) return no('文件', '文件不是 UTF-8 编码的文字')
  // Counted before parsing: making a node costs far more than seeing the sign that makes it.
  let signs = 0
  for (const sign of text) if (sign === '\n' || sign === ',' || sign === ':') signs += 1
  if (signs > mostNodes) return no('文件', `内容太多：一个计划不应超过 ${mostNodes} 项`)
  const deep = tooDeep(text)
  if (deep !== null) return no('文件', '套得太深', deep)
  const long = text.split('\n').findIndex((line) => line.length > 20 * mostColumns)
  if (long >= 0) return no('文件', '这一行太长', long + 1)
  const lines = new LineCounter()
  try {
    const document = parseDocument(text, {
      schema: 'failsafe',
      // Looked at below by a set: the parser's own look compares each key with each.
      uniqueKeys: false,
      prettyErrors: true,
      lineCounter: lines,
      logLevel: 'error',
    })
    const [error] = document.errors
    if (error)
      return no('文件', `YAML 写法有误：${(error.message.split('\n')[0] ?? '').slice(0, 200)}`, error.linePos?.[0].line)
    const bad = forbidden(document, lines)
    if (bad) return no('文件', bad.zh, bad.line)
    const raw: unknown = document.toJS({ maxAliasCount: mostAliases })
    return ok({ raw, lineOf: (at) => lineOf(document, lines, at) })
  } catch (error) {
    return no('文件', `读不懂：${(error as Error).message.slice(0, 200)}`)
  }
}

// A place leaves out what stands between a name and its figure.
const between = ['from', 'value', 'bands', 'paid_days', 'table', 'windows', 'for', 'sum', 'amount']

const lineOf = (document: Document.Parsed, lines: LineCounter, at: string): number | undefined => {
  let node: unknown = document.contents
  let line: number | undefined
  const step = (of: unknown, token: string): unknown => {
    if (isMap(of)) {
      const pair = of.items.find((each) => isScalar(each.key) && String(each.key.value) === token)
      if (!pair) return undefined
      const { range } = pair.key as { range?: readonly number[] | null }
      if (range) line = lines.linePos(range[0] ?? 0).line
      return pair.value
    }
    if (!isSeq(of)) return undefined
    const item = /^\d+$/.test(token)
      ? of.items[Number(token)]
      : of.items.find((each) => isMap(each) && each.get('id') === token)
    const { range } = (item ?? {}) as { range?: readonly number[] | null }
    if (range) line = lines.linePos(range[0] ?? 0).line
    return item
  }
  const resolved = (each: unknown): unknown => (isAlias(each) ? each.resolve(document) : each)
  for (const token of at.split(/[.[\]]+/).filter((each) => each !== '')) {
    let next = resolved(step(node, token))
    for (const hidden of between) {
      if (next !== undefined) break
      const inside = isMap(node) ? resolved(node.get(hidden, true)) : undefined
      if (inside !== undefined) next = resolved(step(inside, token))
    }
    if (next === undefined || next === null) return line
    node = next
  }
  return line
}
