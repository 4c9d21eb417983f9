import { join } from 'node:path'
import type { Answer } from '../../server/src/doctor.ts'
import { parse, UsageError, withProgress } from '../io.ts'
import type { Verb } from '../verb.ts'
import { asOwner, inInstallation, installationDir, today, withVault } from './owner-of.ts'

const answerText = ({ name, zh, rows, sample, notAsked }: Answer): string =>
  notAsked
    ? `没有问  ${name}  ${zh}`
    : `${rows === 0 ? '正常' : '异常'}  ${name}  ${zh}${rows > 0 ? `：${rows} 处，例如 ${JSON.stringify(sample[0])}` : ''}`

/** Asks the live data every question, as the owner; exit code 1 where an answer is a defect. */
export const doctor: Verb = {
  name: 'doctor',
  help: {
    zh: '体检：账是否平、有没有付两次、有没有重复保障……',
    en: 'asks the live data named questions',
    usage: ['doctor [--json]'],
  },
  run: async (args, io) => {
    const { flags } = parse(args, [], ['json'])
    const { doctor: ask } = await import('../../server/src/doctor.ts')
    const answers = await withProgress(io, '正在体检', () =>
      asOwner((owner) => withVault((vault) => ask(owner, today(), vault))),
    )
    if (flags.has('json')) io.out(JSON.stringify(answers, null, 2))
    else for (const answer of answers) io.out(answerText(answer))
    const wrong = answers.filter(({ rows }) => rows > 0).length
    const unasked = answers.filter(({ notAsked }) => notAsked).length
    const asked = answers.length - unasked
    if (!flags.has('json')) io.out(wrong === 0 ? `${asked} 项都正常` : `${asked} 项中有 ${wrong} 项异常`)
    if (unasked > 0) io.err(`有 ${unasked} 项没有问：密钥环（TONGZHOU_DIR/keys）不在这里，看不了加密的内容。`)
    return wrong > 0 ? 1 : 0
  },
}

export const keys: Verb = {
  name: 'keys',
  help: {
    zh: '密钥环：换新密钥并重新加密（服务不停），查看在用的，删去不再用的',
    en: 'the key ring: rotate and re-wrap online, see which keys are in use, retire those that are not',
    usage: ['keys rotate [--cipher aes|sm4]（换算法：此后用它加密）', 'keys status', 'keys retire'],
  },
  run: async (args, io) => {
    const { words, flags } = parse(args, ['cipher'])
    const [what] = words
    if (!what || !['rotate', 'status', 'retire'].includes(what))
      throw new UsageError('用法 usage: tongzhou keys rotate|status|retire')
    const { ciphersHere, keysInUse, retireKeys, rotateKeys } = await import('#platform/vault/rotate.ts')
    const cipher = ciphersHere().find((each) => each === flags.get('cipher'))
    if (flags.has('cipher') && !cipher)
      throw new UsageError(`--cipher 是其中之一：${ciphersHere().join('、')}（取决于这台机器的 Node.js）`)
    const dir = join(installationDir(), 'keys')
    if (what === 'rotate') {
      const { current, rewrapped } = await withProgress(io, '正在重新加密', () =>
        asOwner((owner) => rotateKeys(owner, dir, { cipher })),
      )
      const all = Object.values(rewrapped).reduce((sum, n) => sum + n, 0)
      io.out(
        `现在用第 ${current} 号密钥，重新加密 ${all} 项。请把密钥环另行备份（与数据库备份分开保管），并重新启动服务，此后都用新密钥。`,
      )
    } else if (what === 'status') io.out(`在用的密钥：${(await asOwner(keysInUse)).join('、') || '无'}`)
    else {
      const gone = await asOwner((owner) => retireKeys(owner, dir))
      io.out(
        gone.length === 0
          ? '没有可以删去的密钥。'
          : `已删去第 ${gone.join('、')} 号密钥；只由它们加密的旧备份不能再打开。`,
      )
    }
    return 0
  },
}

export const migrate: Verb = {
  name: 'migrate',
  help: { zh: '把数据库升级到这个版本', en: 'bring the database to this version', usage: ['migrate [--json]'] },
  run: async (args, io) => {
    const { flags } = parse(args, [], ['json'])
    const { migrate: migrateDatabase } = await import('#platform/database/migrate.ts')
    const ran = await withProgress(io, '正在升级', () =>
      inInstallation((place) => migrateDatabase(place.owner, { onFile: (name) => io.err(name) })),
    )
    io.out(
      flags.has('json') ? JSON.stringify(ran) : ran.length === 0 ? '数据库已经是最新' : `执行了 ${ran.length} 个迁移`,
    )
    return 0
  },
}
