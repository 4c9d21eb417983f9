// tsx scripts/who-may-do-what.ts [--check]: writes docs/reference/who-may-do-what.md from the table of rights and the routes.
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { mayDo, type Permit, permitsAbout, roles, rolesAbout } from '#modules/network/index.ts'
import type { HttpOptions } from '#platform/http/http.ts'
import { createApp } from '../server/src/app.ts'

const file = fileURLToPath(new URL('../docs/reference/who-may-do-what.md', import.meta.url))
const placeWords = { unit: '单位', agency: '代办处', point: '代办点', office: '办事处（整个）' } as const
const touchWords = {
  own: '自己的',
  unit: '任职范围内的单位',
  agency: '任职范围内的代办处',
  office: '本办事处的',
  reference: '全会公开的',
} as const
const giverWords = { nobody: '会员本人', 'own office': '本办事处管理员', 'head office': '只由总会任命' } as const
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const permits = Object.keys(permitsAbout) as Permit[]

// The routes are asked of the application itself; nothing of it is used but its map.
const app = await createApp({ clock: () => new Date() } as HttpOptions)
const lines = [
  '# 谁可以做什么',
  '',
  '由 `npx tsx scripts/who-may-do-what.ts` 从权限表（`server/src/modules/network/roles.ts`）和接口写出，不手改。',
  '权限 = 岗位 × 任职的地方 × 任期。不在任职范围内的记录，一律回答“未找到”；没有权限的，一律回答“不能做这件事”。',
  '测试 `journeys/rights.test.ts` 逐一试过下面每个接口 × 岗位 × 地方（本单位、同代办处、同办事处、别的办事处）。',
  '',
  '## 岗位',
  '',
  row(['岗位', '代号', '任职在', '由谁任命']),
  row(['---', '---', '---', '---']),
  ...roles.map((role) => {
    const { zh, heldAt, givenBy } = rolesAbout[role]
    return row([zh, `\`${role}\``, heldAt.map((place) => placeWords[place]).join('、') || '—', giverWords[givenBy]])
  }),
  '',
  '## 权限',
  '',
  '“②”：要先做第二步验证。',
  '',
  row(['权限', '代号', '涉及', ...roles.map((role) => rolesAbout[role].zh)]),
  row(['---', '---', '---', ...roles.map(() => ':-:')]),
  ...permits.map((permit) => {
    const { zh, touches, secondStep } = permitsAbout[permit]
    return row([
      `${zh}${secondStep ? ' ②' : ''}`,
      `\`${permit}\``,
      touchWords[touches],
      ...roles.map((role) => (mayDo(role, permit) ? '✓' : '')),
    ])
  }),
  '',
  '## 接口',
  '',
  row(['接口', '做什么', '要有的权限（任一）', '哪些岗位']),
  row(['---', '---', '---', '---']),
  ...app.routes
    .filter((route) => route.method !== 'HEAD')
    .map((route) =>
      row([
        `\`${route.method} ${route.url}\``,
        route.summary,
        route.open ? '公开' : route.permits.map((permit) => `\`${permit}\``).join(' '),
        route.open
          ? '任何人'
          : roles
              .filter((role) => route.permits.some((permit) => mayDo(role, permit as Permit)))
              .map((role) => rolesAbout[role].zh)
              .join('、'),
      ]),
    ),
  '',
]
await app.close()
const text = lines.join('\n')
if (process.argv.includes('--check')) {
  if (text !== (await readFile(file, 'utf8').catch(() => ''))) {
    process.stderr.write(
      'docs/reference/who-may-do-what.md is older than the rights: npx tsx scripts/who-may-do-what.ts\n',
    )
    process.exitCode = 1
  }
} else await writeFile(file, text)
