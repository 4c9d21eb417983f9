// Whether one who floods spoils it for the others: their slowest hundredth, with and without him.
import { migrate } from '#platform/database/migrate.ts'
import { startThrowaway } from '#platform/postgres/index.ts'
import { endAll, start, tell } from './children.ts'
import type { Load, Loaded } from './http-load.ts'
import type { Ready, Setup } from './http-server.ts'
import { median, report } from './measure.ts'

const rounds = Number(process.env.BENCH_ROUNDS ?? 5)
const path = '/units'
/** Ten people at work, each asking five times a second, for twelve seconds. */
const users = { connections: 10, everyMs: 200, requests: 600 }
/** One client on 32 connections as fast as it is answered, from an address of its own. */
const flood = { connections: 32, from: '127.0.0.2', refusedToo: true, forSeconds: 13 }

const postgres = await startThrowaway()
try {
  await migrate(postgres.connection('tongzhou_owner'))
  const setup: Setup = {
    as: 'ours',
    connection: postgres.connection('tongzhou_server') as Setup['connection'],
    dir: postgres.dir,
    path,
    login: 'east-decider',
    statements: [],
    requestsPerMinute: 6_000,
  }
  const { port, token } = await tell<Ready>(await start('http-server.ts'), setup)
  const [people, flooder] = [await start('http-load.ts'), await start('http-load.ts')]
  const work = (): Promise<Loaded> => tell<Loaded>(people, { port, path, token, ...users } satisfies Load)
  const pour = (): Promise<Loaded> =>
    tell<Loaded>(flooder, { port, path, token, requests: Number.MAX_SAFE_INTEGER, ...flood } satisfies Load)

  await work()
  // His first minute's allowance is used up before the clock starts: what follows is a flood that is being refused, and its next minute.
  await pour()
  const alone: Loaded[] = []
  const beside: Loaded[] = []
  const poured: Loaded[] = []
  for (let round = 0; round < rounds; round += 1) {
    alone.push(await work())
    const [worked, all] = await Promise.all([work(), pour()])
    beside.push(worked)
    poured.push(all)
  }
  const told = (what: 'answered' | 'refused'): string =>
    poured.map((each) => each[what].toLocaleString('en-US')).join(', ')
  const p99 = (all: readonly Loaded[]): number[] => all.map((each) => each.p99 / 1_000)
  process.stdout.write(
    await report(
      'flood',
      'One client floods, the others work',
      [
        `GET ${path}, signed in: ${users.connections} people from one address, each every ${users.everyMs} ms; beside them one client on ${flood.connections} connections from another`,
        `address, for ${flood.forSeconds} s as fast as it is answered: ${told('answered')} requests a round, of which ${told('refused')} were refused for the limit of`,
        '6,000 a minute; a refusal waits a second. The rate told is how often the slowest hundredth would be answered one after the other: ratio 0.33 is three',
        'times as slow. The clients stand on the same two cores as the server and its database.',
        `Median p50 / p99 in ms: alone ${(median(alone.map((each) => each.p50))).toFixed(1)} / ${(median(alone.map((each) => each.p99))).toFixed(1)}, beside the flood ${(median(beside.map((each) => each.p50))).toFixed(1)} / ${(median(beside.map((each) => each.p99))).toFixed(1)}.`,
      ],
      [
        {
          what: 'the slowest hundredth of ordinary requests, beside a flood',
          count: 1,
          unit: 'request',
          ours: p99(beside),
          base: p99(alone),
          baseIs: 'the same without a flood',
          floor: 0.33,
        },
      ],
    ),
  )
} finally {
  endAll()
  await postgres.destroy()
}
