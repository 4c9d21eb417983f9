import { readFile, writeFile } from 'node:fs/promises'
import { yuan } from '#kernel/money.ts'
import type { DecisionRecord } from '#modules/plans/offline.ts'
import { type Io, UsageError } from '../io.ts'
import { apiVerb, type Verb } from '../verb.ts'
import { replayAll, replayAllUsage } from './replay-all.ts'

const usage = ['decision record 项目编号 -o 记录.json', 'decision replay 记录.json（不需要数据库）', replayAllUsage]

const recordFrom = async (path: string): Promise<DecisionRecord> => {
  try {
    const record = JSON.parse(await readFile(path, 'utf8')) as DecisionRecord
    if (record.kind === 'tongzhou-decision/1' && record.case && typeof record.edition?.text === 'string') return record
  } catch {}
  throw new UsageError(`读不懂 ${path}：应是 decision record 存下的文件`)
}

/** Judges a recorded decision again from the file alone; exit code 1 where anything comes out otherwise. */
const replayFile = async (path: string | undefined, io: Io): Promise<number> => {
  if (!path) throw new UsageError(`用法 usage:\n  tongzhou ${usage[1]}`)
  const record = await recordFrom(path)
  const { replay } = await import('#modules/plans/offline.ts')
  const again = replay(record)
  if (!again.ok) {
    io.err((await import('#platform/http/http.ts')).sentence(again.refused).zh)
    return 1
  }
  const { same, benefitFen, differences } = again.value
  io.out(`记录 ${yuan(record.benefitFen)} 元，复算 ${yuan(benefitFen)} 元：${same ? '一致' : '不一致'}`)
  for (const each of differences) io.out(`  ${each}`)
  return same ? 0 : 1
}

const online = apiVerb(
  'decision',
  {
    zh: '决定：取审计记录，离线复算；把留存的决定全部重算一遍',
    en: 'decisions: fetch the auditor’s record, replay it offline, or replay all',
    usage,
  },
  ['o'],
  {
    record: async ({ api, id, need, show }) => {
      const record = await api.get(`/claim-items/${id(0, '项目编号', 'item')}/record`)
      await writeFile(need('o'), record.bytes, { mode: 0o600 })
      show({ file: need('o') }, () => `审计记录在 ${need('o')}，里面有病情编码，请妥善保管`)
    },
  },
)

export const decision: Verb = {
  ...online,
  run: (args, io) => {
    if (args[0] !== 'replay') return online.run(args, io)
    return args.includes('--all') ? replayAll(args.slice(1), io) : replayFile(args[1], io)
  },
}
