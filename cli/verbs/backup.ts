import { resolve } from 'node:path'
import type pg from 'pg'
import { type Io, parse, UsageError, withProgress } from '../io.ts'
import type { Verb } from '../verb.ts'
import { asOwner, inInstallation, installationBucket, installationDir, now, today, withVault } from './owner-of.ts'

/** The folder of the backup and that of the keys, both named. */
const places = (args: readonly string[], usage: string): { folder: string; keys: string } => {
  const { words, flags } = parse(args, ['keys'])
  const folder = words[0]
  const keys = flags.get('keys')
  if (!folder || !keys || words.length > 1)
    throw new UsageError(`用法 usage:\n  tongzhou ${usage}\n钥匙要与备份分开保管，所以要写明放在哪里。`)
  return { folder: resolve(folder), keys: resolve(keys) }
}

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`

const backupUsage = 'backup 备份文件夹 --keys 钥匙文件夹'
export const backup: Verb = {
  name: 'backup',
  help: {
    zh: '备份：数据和文件放一处，钥匙另放一处；不用停止服务',
    en: 'back up data and files, and the keys apart, while the server works',
    usage: [backupUsage],
  },
  run: async (args, io) => {
    const { folder, keys } = places(args, backupUsage)
    const { backup: makeBackup } = await import('#platform/backup/index.ts')
    const storage = await installationBucket()
    const made = await inInstallation((place) =>
      withProgress(io, '正在备份', () =>
        makeBackup({
          owner: place.owner,
          dir: installationDir(),
          ...(storage ? { storage } : {}),
          into: folder,
          keysInto: keys,
          at: now(),
          say: (line) => io.err(line),
        }),
      ),
    )
    const rows = made.tables.reduce((sum, table) => sum + table.rows, 0)
    const bytes = made.tables.reduce((sum, table) => sum + table.bytes, 0) + made.files.bytes
    io.out(
      `备份完成：${made.tables.length} 张表 ${rows} 行，${made.files.count} 个文件，共 ${megabytes(bytes)} → ${folder}`,
    )
    io.out(`钥匙在 ${keys}：请由另一个人保管，不要与备份放在一起；只留最新的一份。`)
    if (made.head) io.out(`根值 ${made.head.size}:${made.head.root}`)
    if (made.files.missing === 0) return 0
    io.err(
      `有 ${made.files.missing} 个文件在数据里有记录，存放文件的地方却没有：请检查 files 文件夹或存储桶。其余的都已备份。`,
    )
    return 1
  },
}

/** Asks the restored installation what an auditor would ask first. */
const ask = async (io: Io, pool: pg.Pool, head: { size: number; root: string } | null): Promise<boolean> => {
  const [{ doctor }, { findingText, verifyEvidence }] = await Promise.all([
    import('../../server/src/doctor.ts'),
    import('../../server/src/evidence.ts'),
  ])
  const wrong = (await withVault((vault) => doctor(pool, today(), vault))).filter(({ rows }) => rows > 0)
  for (const { zh, rows } of wrong) io.err(`异常  ${zh}：${rows} 处`)
  const { findings, size, root, unsealed } = await verifyEvidence(pool, head ? [head] : [])
  for (const finding of findings) io.err(`异常  ${findingText(finding)}`)
  if (wrong.length === 0) io.out('正常  体检没有发现问题')
  if (findings.length === 0) io.out(`正常  封存 ${size} 条，待封存 ${unsealed} 条，与备份时一致，根值 ${size}:${root}`)
  return wrong.length === 0 && findings.length === 0
}

const restoreUsage = 'restore 备份文件夹 --keys 钥匙文件夹'
/** Into the installation that the settings name: an embedded one in a new TONGZHOU_DIR, or a new database on a server. */
export const restore: Verb = {
  name: 'restore',
  help: {
    zh: '恢复：把备份放进一个全新的安装，从不覆盖；换服务器、升数据库大版本也用它',
    en: 'restore a backup into a new installation; also to move to a server or a newer major version',
    usage: [restoreUsage],
  },
  run: async (args, io) => {
    const { folder, keys } = places(args, restoreUsage)
    const say = (line: string) => io.err(line)
    const { checkBackup, restore: restoreBackup } = await import('#platform/backup/index.ts')
    const checked = await withProgress(io, '正在核对备份', () => checkBackup({ from: folder, keysFrom: keys, say }))
    const storage = await installationBucket()
    const into = { dir: installationDir(), ...(storage ? { storage } : {}) }
    await inInstallation((place) =>
      withProgress(io, '正在恢复', () => restoreBackup({ owner: place.owner, ...into, checked, say })),
    )
    io.out(`恢复完成：${checked.manifest.madeAt} 的备份，${checked.files.length} 个文件。所有人要重新登录。`)
    return asOwner((pool) =>
      withProgress(io, '正在体检', async () => ((await ask(io, pool, checked.manifest.head)) ? 0 : 1)),
    )
  },
}
