import { mkdir, mkdtemp, open, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { checkPlan } from './check-plan.ts'
import { compile, problemText } from './edition.ts'
import { judge } from './judge.ts'
import { examplesFrom, readPlan } from './read-plan.ts'
import { triedOf } from './try-plan.ts'

const root = fileURLToPath(new URL('../../../../plans/', import.meta.url))
const hospital = await readFile(`${root}/demo-hospital/edition-2026.yaml`, 'utf8')
const critical = await readFile(`${root}/demo-critical/edition-2026.yaml`, 'utf8')
const clauses = await readFile(`${root}/demo-hospital/clauses.zh.md`, 'utf8')
const criticalClauses = await readFile(`${root}/demo-critical/clauses.zh.md`, 'utf8')

// Generous: on this kind of machine each takes milliseconds. What hangs takes minutes.
const bound = 2_000
const inTime = <T>(work: () => T): T => {
  const began = performance.now()
  const result = work()
  expect(performance.now() - began).toBeLessThan(bound)
  return result
}
/** What a writer is told of a text: every problem with its place and line. */
const told = (text: string, clauseText = clauses): string => {
  const edition = inTime(() => compile(text, clauseText))
  return edition.ok ? 'understood' : edition.refused.problems.map(problemText).join('\n')
}
const changed = (from: string, to: string, text = hospital): string => {
  expect(text).toContain(from)
  return text.replace(from, () => to)
}
const line = (text: string, of: string): number => text.slice(0, text.indexOf(of)).split('\n').length

describe('a hostile or enormous plan file is refused with the place and the reason, in bounded time', () => {
  const deepFlow = `plan: ${'['.repeat(100_000)}`
  const doubling = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(2)}]`).join('\n')
  const cases: readonly (readonly [what: string, text: string, says: RegExp])[] = [
    ['an empty text', '', /文件：/],
    ['a lone scalar', 'hello', /文件：写法不对，应是一组“名称: 内容”/],
    ['a text of several megabytes', `plan: ${'x'.repeat(5_000_000)}`, /不应超过 512 KB/],
    ['a bomb of aliases', `a0: &a0 [x, x]\n${doubling}`, /引用（\*名称）太多/],
    ['a list that contains itself', 'plan: &loop [*loop]', /plan（第 1 行）：写法不对，应是一段文字/],
    ['a map that contains itself', 'values: &loop { a: *loop }', /./],
    ['brackets a hundred thousand deep', deepFlow, /第 1 行）：套得太深/],
    ['lists in lists on one line', `${'- '.repeat(100_000)}x`, /第 1 行）：套得太深/],
    ['indentation without end', Array.from({ length: 900 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), /套得太深/],
    ['a tag that would make a function', 'plan: !!js/function "function () {}"', /第 1 行）：不能写类型标记/],
    ['a tag of its own', 'plan: !secret x', /不能写类型标记/],
    ['the same key twice', `${hospital}\ntitle: 又一个\n`, /第 \d+ 行）：“title”写了两次/],
    ['forty thousand keys', Array.from({ length: 40_000 }, (_, i) => `k${i}: 1`).join('\n'), /内容太多/],
    [
      'a million bands',
      changed('- { over: 0, to: 1000, rate: 20% }', '- { over: 0, to: 1000, rate: 20% }\n'.repeat(1_000_000)),
      /512 KB/,
    ],
    [
      'ten thousand bands',
      changed(
        '            - { over: 0, to: 1000, rate: 20% }\n',
        '            - { over: 0, to: 1, rate: 1% }\n'.repeat(10_000),
      ),
      /内容太多/,
    ],
    [
      'sixty bands',
      changed(
        '            - { over: 0, to: 1000, rate: 20% }\n',
        '            - { over: 0, to: 1, rate: 1% }\n'.repeat(60),
      ),
      /values\.bands\.from.*第 \d+ 行）：太多，最多 50 项/,
    ],
    [
      'a table of a thousand rows',
      changed(
        'value: 36.00, clause',
        `value: { table: { ${Array.from({ length: 1_000 }, (_, i) => `r${i}: 1`).join(', ')} } }, clause`,
      ),
      /最多 200 行|应是一个数/,
    ],
    ['a key that every object has', changed('  cap: {', '  __proto__: {'), /第 \d+ 行）：不能用“__proto__”作名称/],
    [
      'a name that every object has',
      changed('amount: fee,', 'amount: constructor,'),
      /第 \d+ 行）：不能写“constructor”/,
    ],
    ['a figure beyond 2⁵³ fen', changed('30200.00', '90071992547409.93'), /values\.cap\.2026-01-01（第 \d+ 行）：金额/],
    ['a figure of a thousand digits', changed('30200.00', '9'.repeat(1_000)), /values\.cap/],
    ['a negative amount', changed('30200.00', '-1.00'), /values\.cap\.2026-01-01（第 \d+ 行）：金额不能是负数/],
    ['an exponent', changed('30200.00', '1e9'), /金额写作 36\.00/],
    ['not a number', changed('30200.00', '.nan'), /金额写作 36\.00/],
    [
      'a day that does not exist',
      changed('in_force: { from: 2026-01-01 }', 'in_force: { from: 2026-02-30 }'),
      /in_force\.from（第 \d+ 行）：日历上没有这一天/,
    ],
    [
      'a dated figure of no day',
      changed(
        'minimum: { about: 最低给付, unit: yuan, from: { 2026-01-01:',
        'minimum: { about: 最低给付, unit: yuan, from: { 2026-13-01:',
      ),
      /values\.minimum\.2026-13-01（第 \d+ 行）：日历上没有这一天/,
    ],
    ['bytes that are no text', 'plan: \uFFFD\uFFFD', /UTF-8/],
    ['two documents', `${hospital}---\n${hospital}`, /YAML 写法有误/],
    ['a list as a key', '? [a, b]\n: c', /名称要写成一个词/],
    [
      'wrong types everywhere',
      'plan: [1]\nedition: {}\ntitle: {}\nvalues: x\nparts: x\nwho: []\nfee: x\nterm: []\nin_force: x',
      /parts（第 5 行）：写法不对，应是一个列表/,
    ],
    ['an unclosed bracket', 'plan: [', /第 1 行）：YAML 写法有误/],
  ]
  test.each(cases)('%s', (_, text, says) => {
    const said = told(text)
    expect(said).not.toBe('understood')
    expect(said).toMatch(says)
  })

  test('clauses of a megabyte, and clause headings made to run a pattern in circles', () => {
    expect(told(hospital, 'x'.repeat(1_000_000))).toMatch(/clauses\.zh\.md.*512 KB/)
    expect(told(hospital, `## art-1${' '.repeat(400_000)}\n${'#'.repeat(50_000)}`)).toMatch(/没有条款 art-2/)
    expect(told(hospital, `${'## art-1.1.1.1 \t'.repeat(20_000)}`)).toMatch(/没有条款/)
  })

  test('at most a hundred problems are told', () => {
    const text = changed(
      'values:\n',
      `values:\n${Array.from({ length: 500 }, (_, i) => `  v${i}: { about: x, unit: yuan, value: x, clause: art-1 }`).join('\n')}\n`,
    )
    expect(told(text).split('\n').length).toBeLessThanOrEqual(100)
  })
})

describe('a writer is told where, what is allowed, and what may have been meant', () => {
  test('a key that is nearly right', () => {
    const text = changed('rounding: half-up, clause: art-4', 'roundng: half-up, clause: art-4')
    expect(told(text)).toMatch(
      new RegExp(
        `parts\\.0\\.steps\\.0（第 ${line(text, 'roundng')} 行）：不认识的项目：roundng，你是不是想写 rounding？`,
      ),
    )
  })
  test('a key that is nothing: the allowed ones', () => {
    const text = changed('grace_days: grace_days,\n', 'grace_days: grace_days,\n    zzzzzzzz: 1,\n')
    expect(told(text)).toMatch(/term（第 \d+ 行）：不认识的项目：zzzzzzzz；这里可以写 clause、months、days/)
  })
  test('a word of a list', () => {
    expect(told(changed('family: hospital', 'family: hospitl'))).toMatch(
      /family（第 7 行）：应是其中之一：hospital、critical.*你是不是想写 hospital？/,
    )
  })
  test('a name of a figure', () => {
    expect(told(changed('{ at_least: minimum,', '{ at_least: minimun,'))).toMatch(
      /parts\.inpatient\.steps\[1\]（第 \d+ 行）：values 里没有 minimun，你是不是想写 minimum？/,
    )
  })
  test('a name of a list, and of a base', () => {
    expect(told(changed('on_list: critical', 'on_list: critcal', critical), criticalClauses)).toMatch(
      /lists 里没有 critcal，你是不是想写 critical？/,
    )
    expect(told(changed('{ bands: bands, of: in_scope_self_pay,', '{ bands: bands, of: in_scope_selfpay,'))).toMatch(
      /bases 里没有 in_scope_selfpay，你是不是想写 in_scope_self_pay？/,
    )
  })
  test('an example', () => {
    const said = examplesFrom('- { name: a, event: x }\n- { name: b, benifit: 1.00 }\n')
    expect(said.ok ? '' : String(said.refused.first)).toBe(
      'examples.yaml 1（第 2 行）：不认识的项目：benifit，你是不是想写 benefit？',
    )
  })
})

describe('a folder', () => {
  let dir = ''
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'plan-'))
  })
  afterAll(() => rm(dir, { recursive: true }))
  const folder = async (name: string): Promise<string> => {
    const path = join(dir, name)
    await mkdir(path)
    await writeFile(join(path, 'clauses.zh.md'), clauses)
    return path
  }
  const first = async (path: string): Promise<string> => {
    const began = performance.now()
    const read = await readPlan(path)
    expect(performance.now() - began).toBeLessThan(bound)
    return read.ok ? 'understood' : String(read.refused.first)
  }

  test('a file of a gigabyte is refused by its size, unread', async () => {
    const path = await folder('huge')
    const file = await open(join(path, 'edition-2026.yaml'), 'w')
    await file.truncate(1024 ** 3)
    await file.close()
    expect(await first(path)).toBe('edition-2026.yaml：文件太大（1048576 KB），一个计划不应超过 512 KB')
  })
  test('a link is not followed', async () => {
    const path = await folder('link')
    await symlink('/etc/passwd', join(path, 'edition-2026.yaml'))
    expect(await first(path)).toMatch(/edition-2026\.yaml：不是普通文件/)
  })
  test('a folder in the place of a file', async () => {
    const path = await folder('folder')
    await mkdir(join(path, 'edition-2026.yaml'))
    expect(await first(path)).toMatch(/不是普通文件/)
  })
  test('bytes in another encoding', async () => {
    const path = await folder('gbk')
    await writeFile(join(path, 'edition-2026.yaml'), Buffer.from([0x70, 0x3a, 0x20, 0xbb, 0xa5, 0xd6, 0xfa]))
    expect(await first(path)).toMatch(/edition-2026\.yaml：文件不是 UTF-8 编码的文字/)
  })
  test('nothing, no clauses, no folder', async () => {
    expect(await first(await folder('empty'))).toMatch(/没有 edition-….yaml/)
    expect(await first(join(dir, 'nowhere'))).toMatch(/没有 edition-….yaml/)
  })
})

describe('whatever is in a claim', () => {
  test('a code that every object has from its prototype is on no list and in no table', () => {
    const edition = compile(critical, criticalClauses)
    if (!edition.ok) throw new Error('not understood')
    for (const diagnosis of ['constructor', 'toString', '__proto__', 'valueOf.9']) {
      const [judged] = judge(edition.value, {
        cover: { coverId: 1, from: '2026-01-01', until: '2027-01-01', shares: 1, continuous: true },
        event: { kind: 'diagnosis', dates: { diagnosis: '2026-06-01' }, codes: { diagnosis } },
        eventKey: 'a',
        earlier: [],
      })
      expect(judged?.benefitFen).toBe(0)
      expect(judged?.refused?.code).toBe('condition_not_met')
    }
  })
})

describe('whatever the text, nothing is thrown', () => {
  test('arbitrary text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400, unit: 'grapheme' }), fc.string({ maxLength: 100 }), (text, words) => {
        compile(text, words)
        examplesFrom(text)
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  test('arbitrary values, written as YAML', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        compile(JSON.stringify(value), clauses)
        examplesFrom(JSON.stringify(value))
        examplesFrom(stringify([value]))
      }),
      { seed: 2, numRuns: 500 },
    )
  })

  test('good editions and examples with something changed: refused, or understood and then checked, but never thrown', async () => {
    const sources: { text: unknown; clauses: string; examples: unknown }[] = []
    for (const name of await readdir(root, { withFileTypes: true })) {
      if (!name.isDirectory()) continue
      const dir = join(root, name.name)
      const [file] = (await readdir(dir)).filter((each) => each.startsWith('edition-'))
      if (!file) continue
      sources.push({
        text: parse(await readFile(join(dir, file), 'utf8'), { schema: 'failsafe' }),
        clauses: await readFile(join(dir, 'clauses.zh.md'), 'utf8'),
        examples: parse(await readFile(join(dir, 'examples.yaml'), 'utf8'), { schema: 'failsafe' }),
      })
    }
    let understood = 0
    fc.assert(
      fc.property(
        fc.nat(sources.length - 1),
        fc.array(fc.tuple(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 7 }), fc.nat(30), fc.nat(100_000)), {
          minLength: 1,
          maxLength: 3,
        }),
        (which, changes) => {
          const source = sources[which]
          if (!source) return
          const copies = structuredClone(source)
          for (const [path, how, pick] of changes) {
            change(copies.text, path, how, pick)
            change(copies.examples, path, how, pick)
          }
          const edition = compile(stringify(copies.text), source.clauses)
          const examples = examplesFrom(stringify(copies.examples))
          if (!edition.ok) return
          understood += 1
          checkPlan(edition.value, examples.ok ? triedOf([edition.value], edition.value, examples.value) : [])
        },
      ),
      { seed: 3, numRuns: 150 },
    )
    // Many changes are still an edition (another figure, a part less): the check itself has been tried on them.
    expect(understood).toBeGreaterThan(10)
  }, 120_000)
})

const words = [
  '',
  'x',
  '0',
  '-1',
  '1',
  '999999',
  '0.01',
  '100%',
  '0%',
  '1/3',
  '2026-02-30',
  '2026-01-01',
  'art-1',
  'art-99',
  'yes',
  'no',
  'amount',
  'cap',
  'fee',
  'cover',
  'event',
  'constructor',
]

/** Changes one thing somewhere in a value: takes it out, puts a word or another part of the value in its place. */
const change = (value: unknown, path: readonly number[], how: number, pick: number): void => {
  const all: [Record<string, unknown>, string][] = []
  const collect = (node: unknown): void => {
    if (node && typeof node === 'object')
      for (const key of Object.keys(node)) {
        all.push([node as Record<string, unknown>, key])
        collect((node as Record<string, unknown>)[key])
      }
  }
  collect(value)
  const target = all[path.reduce((sum, each) => sum * 31 + each, 7) % Math.max(1, all.length)]
  if (!target) return
  const [node, key] = target
  if (how < 6) {
    if (Array.isArray(node)) node.splice(Number(key), 1)
    else delete node[key]
  } else if (how < 24) node[key] = words[pick % words.length]
  else if (how < 26) node[key] = []
  else if (how < 28) node[key] = {}
  else {
    const other = all[pick % all.length]
    if (other) node[key] = structuredClone(other[0][other[1]])
  }
}
