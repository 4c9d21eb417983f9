import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ok, type Refused } from '#kernel/result.ts'
import type { Edition, PlanFile, Problem, Tried } from '#modules/plans/offline.ts'
import { type Io, parse, UsageError } from '../io.ts'
import { usageOf, type Verb } from '../verb.ts'

/** Checks or tries an edition's folder, in the repository or outside it, without a database; and registers what was resolved. */
export const plan: Verb = {
  name: 'plan',
  help: {
    zh: '计划：检查一个计划文件夹、试算例子（不需要数据库），登记通过的版本',
    en: 'plans: check a folder, try its examples (no database), adopt what was resolved',
    usage: [
      'plan check 文件夹',
      'plan try 文件夹 [例子.yaml]',
      'plan adopt 文件夹 --resolution 决议（检查通过才登记；由管数据库的人做）',
    ],
  },
  run: async (args, io) => {
    const { words, flags } = parse(args, ['resolution'])
    const { readExamples, readPlan, triedOf, tryExample } = await import('#modules/plans/offline.ts')
    const [verb, dir, cases] = words
    const resolution = flags.get('resolution')?.trim()
    if (!['check', 'try', 'adopt'].includes(verb ?? '') || !dir) throw new UsageError(usageOf(plan.help))
    if (verb === 'adopt' && !resolution) throw new UsageError('请写明哪一次会议通过的：--resolution 决议')
    const files = await readPlan(dir)
    if (!files.ok) {
      await tellProblems(files.refused, io)
      return 1
    }
    for (const file of files.value) about(file, io)
    const file = cases ?? join(dir, 'examples.yaml')
    if (verb === 'try' && !existsSync(file)) throw new UsageError(`没有例子文件 ${file}`)
    const examples = existsSync(file) ? await readExamples(file) : ok([])
    if (!examples.ok) {
      await tellProblems(examples.refused, io)
      return 1
    }
    if (verb !== 'try') {
      const editions = files.value.map((each) => each.edition)
      let clean = true
      for (const edition of editions)
        if (!(await tellChecked(edition, triedOf(editions, edition, examples.value), io))) clean = false
      if (verb === 'check' || !clean) return clean ? 0 : 1
      await adopt(files.value, resolution ?? '', io)
      return 0
    }
    let passed = 0
    for (const example of examples.value) {
      const found = files.value.find((each) => !example.edition || each.edition.edition === example.edition)
      if (!found) throw new UsageError(`例子“${example.name}”说的版本不在这里`)
      const tried = tryExample(found.edition, example)
      if (tried.passed) passed += 1
      io.out(
        `${tried.passed ? '✓' : '✗'} ${example.name}  应为 ${tried.expected}  得到 ${tried.got}${tried.why ? `  ${tried.why}` : ''}`,
      )
    }
    io.out(`${passed} passed, ${examples.value.length - passed} failed`)
    return passed === examples.value.length ? 0 : 1
  },
}

/** What a meeting passed is kept word for word: its decisions cite this text for good. */
const adopt = async (files: readonly PlanFile[], resolution: string, io: Io): Promise<void> => {
  const [{ asKeeper }, { adoptEditions }] = await Promise.all([
    import('./keeper.ts'),
    import('#modules/plans/index.ts'),
  ])
  const { adopted } = await asKeeper(io, '正在登记', (ctx) => adoptEditions(ctx, files, resolution))
  io.out(adopted > 0 ? `已登记 ${adopted} 个版本（${resolution}）` : '这些版本都登记过了，没有改动。')
}

const tellProblems = async (refused: Refused, io: Io): Promise<void> => {
  const { problemText } = await import('#modules/plans/offline.ts')
  for (const problem of (refused.problems ?? []) as readonly Problem[]) io.err(problemText(problem))
}

/** What a reader of the edition must know before any figure of it: what is missing, what is ours, which readings were chosen. */
const about = ({ edition, sha256 }: PlanFile, io: Io): void => {
  io.out(`${edition.title}（${edition.issuer}，${edition.source.year}）  指纹 ${sha256.slice(0, 16)}`)
  for (const missing of edition.missing) io.out(`  缺少数值，不开放参保：${missing}`)
  for (const reading of edition.readings)
    io.out(`  所取的读法（${reading.clause}）：${reading.question} → ${reading.chosen}`)
  const ours = Object.values(edition.values).flatMap((value) =>
    value.dated.some((each) => each.ours) ? [value.about] : [],
  )
  if (ours.length > 0) io.out(`  由我们设定，待核对：${ours.join('、')}`)
}

/** The findings of one edition, each with its code and place; whether nothing is left to mend or to accept. */
const tellChecked = async (edition: Edition, tried: readonly Tried[], io: Io): Promise<boolean> => {
  const { checkPlan, findings } = await import('#modules/plans/offline.ts')
  const { errors, warnings, accepted, outdated, judgements } = checkPlan(edition, tried)
  const passed = tried.filter((each) => each.passed).length
  for (const { code, at, zh } of errors) io.out(`✗ ${findings[code].zh}：${zh}  [${code} ${at}]`)
  for (const { code, at, zh } of warnings) io.out(`! ${findings[code].zh}：${zh}  [${code} ${at}]`)
  for (const { code, at, zh, reason } of accepted) io.out(`  已接受 ${zh}（理由：${reason}）  [${code} ${at}]`)
  for (const { warning, reason } of outdated)
    io.out(`! accepted_warnings 里的“${warning}”（${reason}）已不再出现，请删去  [outdated ${warning}]`)
  io.out(`例子 ${passed} passed, ${tried.length - passed} failed；试了 ${judgements} 种情形`)
  const open = errors.length + warnings.length + outdated.length
  io.out(
    open === 0
      ? '检查通过'
      : `${errors.length} 处错误，${warnings.length + outdated.length} 处提醒：请修改；提醒也可在 accepted_warnings 里写明理由接受`,
  )
  return open === 0
}
