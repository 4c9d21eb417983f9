import { execFileSync } from 'node:child_process'
import { chmod, chown, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Environment } from './binaries.ts'
import { PostgresRefused } from './refused.ts'

/** As whom PostgreSQL's programs run, and where its data are therefore kept. */
export interface RunAs {
  readonly data: string
  /** What to spawn in place of a program and its arguments. */
  command(
    program: string,
    args: readonly string[],
  ): { readonly program: string; readonly args: string[]; readonly user: { uid?: number; gid?: number } }
  /** Hands a file or folder over to whoever runs the database; nothing to do where that is us. */
  give(path: string): Promise<void>
}

const asNobody = ['--user', '--map-user=65534', '--map-group=65534', '--']

const namespacesAllowed = (): boolean => {
  try {
    execFileSync('unshare', [...asNobody, 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const idOf = (flag: '-u' | '-g', user: string): number => {
  try {
    return Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
  } catch {
    throw new PostgresRefused(`本机没有用户 ${user}（TONGZHOU_DB_USER）。There is no user ${user} on this machine.`)
  }
}

/**
 * PostgreSQL refuses to run as root. So root starts it in a user namespace in which it is nobody, and no file changes its
 * owner. Where namespaces are forbidden, or TONGZHOU_DB_USER names somebody, it runs as that user (default nobody) on the
 * folder TONGZHOU_DATA, which must be one that user can reach. Anybody else simply starts it.
 */
export const runAs = async (dir: string, binaries: string, env: Environment): Promise<RunAs> => {
  const ourselves: RunAs = {
    data: join(dir, 'data'),
    command: (program, args) => ({ program, args: [...args], user: {} }),
    give: async () => {},
  }
  if (process.getuid?.() !== 0) return ourselves
  if (!env.TONGZHOU_DB_USER && namespacesAllowed())
    return {
      ...ourselves,
      command: (program, args) => ({ program: 'unshare', args: [...asNobody, program, ...args], user: {} }),
    }

  const user = env.TONGZHOU_DB_USER ?? 'nobody'
  const [uid, gid] = [idOf('-u', user), idOf('-g', user)]
  if (uid === 0)
    throw new PostgresRefused(
      'TONGZHOU_DB_USER 不能是 root。PostgreSQL does not run as root: name another TONGZHOU_DB_USER.',
    )
  if (!env.TONGZHOU_DATA)
    throw new PostgresRefused(
      `PostgreSQL 不能以 root 身份运行，将改用用户 ${user}。请用 TONGZHOU_DATA 指定一个该用户能进入的数据文件夹` +
        '（例如 /var/lib/tongzhou），或改用普通用户运行，或设置 DATABASE_URL。' +
        ` PostgreSQL cannot run as root: set TONGZHOU_DATA to a folder that ${user} can reach, or run as another user.`,
    )
  const data = resolve(env.TONGZHOU_DATA)
  await mkdir(data, { recursive: true, mode: 0o700 })
  await chown(data, uid, gid)
  await chmod(data, 0o700)
  const can = (test: string, path: string): boolean => {
    try {
      execFileSync('/bin/sh', ['-c', `test ${test} "$0"`, path], { uid, gid, stdio: 'ignore', cwd: '/' })
      return true
    } catch {
      return false
    }
  }
  if (!can('-x', join(binaries, 'postgres')))
    throw new PostgresRefused(
      `用户 ${user} 进不了数据库程序所在的文件夹 ${binaries}。请把程序放到其他用户可以读取的位置，或改用普通用户运行。` +
        ` The user ${user} cannot reach ${binaries}.`,
    )
  if (!can('-w', data))
    throw new PostgresRefused(
      `用户 ${user} 进不了数据文件夹 ${data}，请检查它的上级文件夹的权限。The user ${user} cannot reach ${data}.`,
    )
  return {
    data: join(data, 'data'),
    command: (program, args) => ({ program, args: [...args], user: { uid, gid } }),
    give: (path) => chown(path, uid, gid),
  }
}
