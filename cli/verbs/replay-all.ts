import { type Io, parse, UsageError, withProgress } from '../io.ts'
import { asOwner } from './owner-of.ts'

export const replayAllUsage =
  'decision replay --all [--from 日期] [--until 日期] [--plan 计划] [--by 人员编号] [--office 办事处] [--json]'

/** Judges every kept decision again, as the owner; exit code 1 where one comes out otherwise. */
export const replayAll = async (args: readonly string[], io: Io): Promise<number> => {
  const { flags } = parse(args, ['from', 'until', 'plan', 'by', 'office'], ['all', 'json'])
  const number = (name: string) => {
    const said = flags.get(name)
    if (said !== undefined && !/^\d+$/.test(said)) throw new UsageError(`--${name} 后面写编号`)
    return said === undefined ? {} : { [name === 'by' ? 'decidedBy' : name]: Number(said) }
  }
  const text = (name: 'from' | 'until' | 'plan') => {
    const said = flags.get(name)
    if (said !== undefined && name !== 'plan' && !/^\d{4}-\d\d-\d\d$/.test(said))
      throw new UsageError(`--${name} 写作 2026-03-01`)
    return said === undefined ? {} : { [name]: said }
  }
  const which = { ...text('from'), ...text('until'), ...text('plan'), ...number('by'), ...number('office') }
  const { replayDecisions } = await import('#modules/claims/index.ts')
  let told = 0
  const replayed = await asOwner((owner) =>
    withProgress(io, '正在重算', () =>
      replayDecisions(owner, which, (done) => {
        if (done - told >= 100_000) io.err(`已重算 ${done} 个决定`)
        if (done - told >= 100_000) told = done
      }),
    ),
  )
  if (flags.has('json')) io.out(JSON.stringify(replayed, null, 2))
  else {
    for (const each of replayed.differences)
      io.out(`不同  ${each.letter ?? `${each.office}/${each.item}`}（${each.decidedOn}）：${each.zh}`)
    const yuan = (replayed.benefitFen / 100).toFixed(2)
    io.out(
      `${replayed.differences.length === 0 ? '正常' : '异常'}  重算 ${replayed.decisions} 个决定，共 ${yuan} 元，${replayed.differences.length} 处不同`,
    )
  }
  return replayed.differences.length === 0 ? 0 : 1
}
