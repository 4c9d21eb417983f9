import { readFile } from 'node:fs/promises'
import { type Io, parse, UsageError, withProgress } from '../io.ts'
import type { Verb } from '../verb.ts'
import { asOwner } from './owner-of.ts'

const usage = [
  'audit head [--json]',
  'audit verify [--head 条数:根值 | --head 文件] [--json]',
  'audit proof act|journal|decision|letter|list|list-row 办事处/编号[/行]',
]

/** Heads as `audit head` prints them: `条数:根值`, on a command line or one on each line of a file. */
const headsFrom = async (said: string): Promise<{ size: number; root: string }[]> => {
  const text = /^\d+:/.test(said) ? said : await readFile(said, 'utf8').catch(() => '')
  const heads = [...text.matchAll(/(\d+):([0-9a-f]{64})/g)].map(([, size, root = '']) => ({ size: Number(size), root }))
  if (heads.length === 0) throw new UsageError(`${said} 里没有根值；根值写作 条数:六十四位十六进制数，或放在一个文件里`)
  return heads
}

const evidence = () => import('../../server/src/evidence.ts')
const platform = () => import('#platform/evidence/index.ts')

const verify = async (io: Io, head: string | undefined, json: boolean): Promise<number> => {
  const earlier = head === undefined ? [] : await headsFrom(head)
  const { findingText, verifyEvidence } = await evidence()
  const verified = await asOwner((owner) => withProgress(io, '正在核对', () => verifyEvidence(owner, earlier)))
  if (json) io.out(JSON.stringify(verified, null, 2))
  else {
    for (const finding of verified.findings) io.out(`异常  ${findingText(finding)}`)
    io.out(
      `${verified.findings.length === 0 ? '正常' : '异常'}  封存 ${verified.size} 条，待封存 ${verified.unsealed} 条，根值 ${verified.size}:${verified.root}`,
    )
    if (earlier.length > 0 && !verified.findings.some(({ kind }) => kind === 'not-consistent'))
      io.out(`正常  与您保存的 ${earlier.length} 个根值一致：此前的记录没有被改写`)
  }
  return verified.findings.length === 0 ? 0 : 1
}

const proof = async (io: Io, name: string | undefined, key: string | undefined): Promise<number> => {
  const { sealed } = await evidence()
  const { proveRow } = await platform()
  const source = sealed.find((each) => each.name === name)
  const numbers = (key ?? '').split('/').map(Number)
  if (!source || numbers.length < 2 || numbers.length > 3 || !numbers.every(Number.isSafeInteger))
    throw new UsageError(`用法 usage:\n  tongzhou ${usage[2]}`)
  const [office = 0, id = 0, part = 0] = numbers
  const found = await asOwner((owner) => proveRow(owner, source, { office, id, part }))
  if (!found) {
    io.err(`${source.zh} ${key} 不在封存的记录里（刚写入的要等几秒钟）`)
    return 1
  }
  io.out(JSON.stringify(found, null, 2))
  return 0
}

/** What was sealed, and whether it is still so: as the owner, over all offices, changing nothing. */
export const audit: Verb = {
  name: 'audit',
  help: {
    zh: '存证：打印根值、核对有没有记录被改过、给一条记录开证明',
    en: 'evidence: the head of the sealed log, verification, proofs',
    usage,
  },
  run: async (args, io) => {
    const { words, flags } = parse(args, ['head'], ['json'])
    const [step, name, key] = words
    if (step === 'verify') return verify(io, flags.get('head'), flags.has('json'))
    if (step === 'proof') return proof(io, name, key)
    if (step !== 'head') throw new UsageError(`用法 usage:\n${usage.map((line) => `  tongzhou ${line}`).join('\n')}`)
    const { newestHead } = await platform()
    const head = await asOwner(newestHead)
    if (flags.has('json')) io.out(JSON.stringify(head))
    else io.out(head ? `${head.size}:${head.root}  ${head.sealedAt}` : '还没有封存任何记录')
    return 0
  },
}
