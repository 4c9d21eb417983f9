import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Io, RefusedError, UsageError } from './io.ts'
import type { Verb } from './verb.ts'
import { audit } from './verbs/audit.ts'
import { backup, restore } from './verbs/backup.ts'
import { claim } from './verbs/claims.ts'
import { decision } from './verbs/decision.ts'
import { demo } from './verbs/demo.ts'
import { editions, money, roster } from './verbs/enrolment.ts'
import { found, office } from './verbs/found.ts'
import { mine } from './verbs/mine.ts'
import { members, network, units } from './verbs/network.ts'
import { doctor, keys, migrate } from './verbs/owner.ts'
import { books, lists, pay } from './verbs/payments.ts'
import { plan } from './verbs/plan.ts'
import { signIn, signOut, whoAmI } from './verbs/sign-in.ts'
import { account, staff, stop } from './verbs/staff.ts'

export const verbs: readonly Verb[] = [
  signIn,
  signOut,
  whoAmI,
  account,
  staff,
  stop,
  network,
  units,
  members,
  mine,
  editions,
  roster,
  money,
  claim,
  decision,
  pay,
  lists,
  books,
  found,
  office,
  doctor,
  audit,
  backup,
  restore,
  migrate,
  keys,
  plan,
  demo,
]

const common = [
  '--as 用户名    以谁的身份（已登录的）；不写就是最近登录的那位  act as this signed-in person',
  '--server 地址  别处的同舟；不写就是本机的，没有运行就自己启动  another server; else the one here, started if need be',
  '--json         结果用 JSON  the data themselves',
  '编号写 last    上一步得到或列出的第一个编号  last = the number printed last',
]

const help = (): string =>
  [
    '同舟命令行 tongzhou: 用法 usage: tongzhou 动作 … [--as 用户名] [--server 地址] [--json]',
    '',
    ...verbs.flatMap((verb) => [`${verb.name.padEnd(10)}${verb.help.zh}`, `${' '.repeat(10)}${verb.help.en}`]),
    '',
    ...common,
    '每个动作的写法 each verb: tongzhou 动作 --help',
    '退出码 exit codes: 0 成功 done · 1 被拒绝或有异常 refused, or something is wrong · 2 用法不对 usage',
  ].join('\n')

// Whoever reads our output may stop early (`| head`): that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const standard: Io = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
}

/** One verb of the command line; gives the exit code that scripts can use. */
export const main = async (args: readonly string[], io: Io = standard): Promise<number> => {
  const [name, ...rest] = args
  if (!name || name === '--help' || name === '-h' || name === 'help') {
    io.out(help())
    return name ? 0 : 2
  }
  if (name === '--version' || name === '-V') {
    const file = fileURLToPath(new URL('../package.json', import.meta.url))
    io.out(`tongzhou ${(JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version}`)
    return 0
  }
  const verb = verbs.find((each) => each.name === name)
  if (!verb) {
    io.err(`没有“${name}”这个动作。看看有哪些：tongzhou --help`)
    return 2
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    io.out(
      [verb.help.zh, verb.help.en, '', ...verb.help.usage.map((line) => `  tongzhou ${line}`), '', ...common].join(
        '\n',
      ),
    )
    return 0
  }
  try {
    return await verb.run(rest, io)
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(error.message)
      return 2
    }
    if (error instanceof RefusedError) {
      io.err(`${error.message}（${error.code}）`)
      for (const { field, problem } of (error.body.fields as { field: string; problem: string }[] | undefined) ?? [])
        io.err(`  ${field}：${problem}`)
      for (const problem of (error.body.problems as string[] | undefined)?.slice(1) ?? []) io.err(`  ${problem}`)
      return 1
    }
    // The tables are not there: nothing has been started or migrated in this folder yet.
    if (['42P01', '3F000'].includes(String((error as { code?: unknown }).code))) {
      io.err(
        '这里的数据库还没有建好表：请先 npm start，或 tongzhou migrate；也请核对 TONGZHOU_DIR 是不是要看的那个文件夹。',
      )
      return 1
    }
    const known = ['PostgresRefused', 'MigrationRefused'].includes((error as Error).name)
    io.err(known ? (error as Error).message : `没有成功，原因：${(error as Error).message}`)
    return 1
  }
}
