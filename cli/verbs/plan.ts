import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parse, UsageError } from '../io.ts'
import type { Verb } from '../verb.ts'

/** Checks or tries an edition's folder, in the repository or outside it: no database, no registration. */
export const plan: Verb = {
  name: 'plan',
  help: {
    zh: '计划：检查一个计划文件夹、试算例子（不需要数据库）',
    en: 'plans: check a folder, try its examples (no database)',
    usage: ['plan check 文件夹', 'plan try 文件夹 [例子.yaml]'],
  },
  run: async (args, io) => {
    const { words } = parse(args, [])
    const { readExamples, readPlan, tryExample } = await import('#modules/plans/offline.ts')
    const [verb, dir, cases] = words
    if (!['check', 'try'].includes(verb ?? '') || !dir)
      throw new UsageError('用法 usage:\n  tongzhou plan check 文件夹\n  tongzhou plan try 文件夹 [例子.yaml]')
    const files = await readPlan(dir)
    if (!files.ok) {
      for (const { at, zh } of (files.refused as unknown as { problems: { at: string; zh: string }[] }).problems)
        io.err(`${at}：${zh}`)
      return 1
    }
    for (const { edition, sha256 } of files.value) {
      io.out(`${edition.title}（${edition.issuer}，${edition.source.year}）  指纹 ${sha256.slice(0, 16)}`)
      for (const missing of edition.missing) io.out(`  缺少数值，不开放参保：${missing}`)
      for (const reading of edition.readings)
        io.out(`  所取的读法（${reading.clause}）：${reading.question} → ${reading.chosen}`)
      const ours = Object.values(edition.values).flatMap((value) =>
        value.dated.some((each) => each.ours) ? [value.about] : [],
      )
      if (ours.length > 0) io.out(`  由我们设定，待核对：${ours.join('、')}`)
    }
    const file = cases ?? join(dir, 'examples.yaml')
    if (verb === 'check' && !existsSync(file)) return 0
    if (!existsSync(file)) throw new UsageError(`没有例子文件 ${file}`)
    const examples = await readExamples(file)
    if (!examples.ok) {
      io.err(String(examples.refused.first))
      return 1
    }
    let passed = 0
    for (const example of examples.value) {
      const found = files.value.find((each) => !example.edition || each.edition.edition === example.edition)
      if (!found) throw new UsageError(`例子“${example.name}”说的版本不在这里`)
      const tried = tryExample(found.edition, example)
      if (tried.passed) passed += 1
      if (verb === 'try' || !tried.passed)
        io.out(
          `${tried.passed ? '✓' : '✗'} ${example.name}  应为 ${tried.expected}  得到 ${tried.got}${tried.why ? `  ${tried.why}` : ''}`,
        )
    }
    io.out(`${passed} passed, ${examples.value.length - passed} failed`)
    return passed === examples.value.length ? 0 : 1
  },
}
