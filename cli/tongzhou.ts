import { type Io, RefusedError, UsageError } from './io.ts'
import type { Verb } from './verb.ts'
import { claim } from './verbs/claims.ts'
import { decision } from './verbs/decision.ts'
import { editions, money, roster } from './verbs/enrolment.ts'
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
  editions,
  roster,
  money,
  claim,
  decision,
  pay,
  lists,
  books,
  doctor,
  migrate,
  keys,
  plan,
]

const help = (): string =>
  [
    '同舟命令行 tongzhou: 用法 usage: tongzhou 动作 … [--as 用户名] [--server 地址] [--json]',
    '',
    ...verbs.flatMap((verb) => [`${verb.name}  ${verb.help.zh}`, `    ${verb.help.en}`]),
    '',
    '每个动作的写法 each verb: tongzhou 动作 --help。退出码 exit codes: 0 成功 done, 1 被拒绝或有异常 refused, 2 用法不对 usage.',
  ].join('\n')

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
  const verb = verbs.find((each) => each.name === name)
  if (!verb) {
    io.err(`没有“${name}”这个动作。看看有哪些：tongzhou --help`)
    return 2
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    io.out([verb.help.zh, verb.help.en, ...verb.help.usage.map((line) => `  tongzhou ${line}`)].join('\n'))
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
    io.err((error as Error).message)
    return 1
  }
}
