// One signed-in request, against bare node:http that sends the same statements over the same pool; and against one bare query.
import { migrate } from '#platform/database/migrate.ts'
import { startThrowaway } from '#platform/postgres/index.ts'
import { endAll, start, tell } from './children.ts'
import type { Load, Loaded } from './http-load.ts'
import type { Ready, Setup } from './http-server.ts'
import { alternate, median, report } from './measure.ts'

const rounds = Number(process.env.BENCH_ROUNDS ?? 15)
const requests = Number(process.env.BENCH_REQUESTS ?? 2_500)
/** Thrown away: a server that has stood for a minute has its code compiled, and is what people meet. */
const warming = 4
const connections = 16
const path = '/units'

const postgres = await startThrowaway()
try {
  await migrate(postgres.connection('tongzhou_owner'))
  const setup = (as: Setup['as'], statements: Setup['statements']): Setup => ({
    as,
    connection: postgres.connection('tongzhou_server') as Setup['connection'],
    dir: postgres.dir,
    path,
    login: 'east-decider',
    statements,
  })
  const ours = await tell<Ready>(await start('http-server.ts'), setup('ours', []))
  const same = await tell<Ready>(await start('http-server.ts'), setup('same statements', ours.statements))
  const breath = await tell<Ready>(await start('http-server.ts'), setup('in one breath', ours.statements))
  const one = await tell<Ready>(await start('http-server.ts'), setup('one query', ours.statements))
  const generator = await start('http-load.ts')

  const latencies: Record<string, Loaded[]> = {}
  const load = (name: string, port: number) => async (): Promise<void> => {
    const asked: Load = { port, path, token: ours.token, connections, requests }
    const loaded = await tell<Loaded>(generator, asked)
    latencies[name] ??= []
    latencies[name].push(loaded)
  }
  const seconds = await alternate(rounds + warming, {
    ours: load('ours', ours.port),
    same: load('same', same.port),
    breath: load('breath', breath.port),
    one: load('one', one.port),
  })
  const kept = (name: string): number[] => (seconds[name] ?? []).slice(warming)
  const ms = (name: string, part: 'p50' | 'p99'): string =>
    median((latencies[name] ?? []).slice(warming).map((each) => each[part])).toFixed(1)
  const about = [
    `${warming} rounds of ${requests} requests warm each server up first.`,
    `GET ${path}, signed in: session, context, one query, commit; ${connections} connections kept open, from a process of its own.`,
    'Ours: the whole application (session, rights, security headers, rate limit with its bar lifted, reply checked by its schema).',
    `Base: node:http in one handler, the very statements that ours sent (${ours.statements.length}), the same pool, no checks, each answer waited for.`,
    'Ours sends the opening of the transaction and its first question in one breath, and has the question about the session prepared;',
    'a base that does both too is measured beside it.',
    `Median p50 / p99 in ms: ours ${ms('ours', 'p50')} / ${ms('ours', 'p99')}, same statements ${ms('same', 'p50')} / ${ms('same', 'p99')}, in one breath ${ms('breath', 'p50')} / ${ms('breath', 'p99')}, one bare query ${ms('one', 'p50')} / ${ms('one', 'p99')}.`,
  ]
  const what = { count: requests, unit: 'requests', ours: kept('ours') }
  process.stdout.write(
    await report('http', 'A request, against bare node:http', about, [
      { what: 'against the same statements', ...what, base: kept('same'), baseIs: 'node:http', floor: 0.85 },
      {
        what: 'against the same statements, sent as ours are',
        ...what,
        base: kept('breath'),
        baseIs: 'node:http, in one breath',
      },
      { what: 'against one bare query', ...what, base: kept('one'), baseIs: 'node:http, one query' },
    ]),
  )
} finally {
  endAll()
  await postgres.destroy()
}
