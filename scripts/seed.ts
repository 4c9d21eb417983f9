// npm run seed -- --members 20000 [--seed 1]: a year of a demonstration association, in the installation under var.
import { parseArgs } from 'node:util'
import { yuan } from '#kernel/money.ts'
import { configurationFrom } from '../server/src/configuration.ts'
import { makeRunning } from '../server/src/running.ts'
import { seedYear } from '../server/src/seed/year.ts'

const read = () => {
  try {
    return parseArgs({
      options: {
        members: { type: 'string', default: '2000' },
        seed: { type: 'string', default: '1' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch {
    return null // something that is none of these
  }
}
const values = read()
const [members, seed] = [Number(values?.members), Number(values?.seed)]
if (
  !values ||
  values.help ||
  !Number.isInteger(members) ||
  members < 20 ||
  members > 2_000_000 ||
  !Number.isInteger(seed)
) {
  process.stdout.write(
    '用法 usage: npm run seed -- --members 20000 [--seed 1]\n放入一年的示范数据：人和单位都不存在，同一个 seed 得到同样的数据。只能用于示范模式。\n',
  )
  process.exit(values?.help ? 0 : 2)
}
const configuration = configurationFrom(process.env)
if ('length' in configuration || !configuration.demonstration) {
  process.stderr.write('只能用于示范模式（TONGZHOU_MODE=demonstration）。\n')
  process.exit(2)
}
const say = (line: string) => process.stdout.write(`${line}\n`)
const running = await makeRunning(configuration, say)
const started = Date.now()
try {
  const made = await seedYear(running.options.db, running.options.services, { members, seed, say })
  await running.worker.drain()
  say(
    `完成：${made.units} 个单位，${made.members} 人，${made.claims} 件申领，付出 ${yuan(made.paidFen)} 元，用时 ${Math.round((Date.now() - started) / 1_000)} 秒`,
  )
} finally {
  await running.stop()
}
