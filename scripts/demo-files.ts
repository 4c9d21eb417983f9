// Makes the files of the ten-minute walk (docs/guides/files): people of nobody, some rows with mistakes to be mended.
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { writeCsv } from '#platform/sheets/index.ts'
import { dice, person } from '../server/src/seed/people.ts'
import { scan } from '../server/src/seed/scan.ts'

const folder = fileURLToPath(new URL('../docs/guides/files/', import.meta.url))
const roll = dice(7)
const people = Array.from({ length: 20 }, (_, i) => person(70_000 + i * 37, roll))
const rows = people.map((each, i) => [String(i + 1), each.name, each.paper, each.sex === 'F' ? '女' : '男', '2'])
const titles = ['序号', '职工姓名', '公民身份号码', '性别', '份数']
const wrong = rows.map((row) => [...row])
const damaged = wrong[4]?.[2] ?? ''
if (wrong[4]) wrong[4][2] = `${damaged.slice(0, 10)}${(Number(damaged[10]) + 1) % 10}${damaged.slice(11)}`
if (wrong[9]) wrong[9][1] = `${wrong[9][1]?.slice(0, 1)} ${wrong[9][1]?.slice(1)}`
if (wrong[14]) wrong[14][2] = wrong[2]?.[2] ?? ''
await writeFile(`${folder}roster.csv`, writeCsv([['示范机械厂 2026 年参保名单'], titles, ...wrong]))
await writeFile(`${folder}roster-mended.csv`, writeCsv([['示范机械厂 2026 年参保名单'], titles, ...rows]))
await writeFile(`${folder}application.pdf`, scan('团体入会申请（示范，加盖公章）'))
await writeFile(`${folder}proof.pdf`, scan('社会保险缴费通知（示范）'))
await writeFile(`${folder}pathology.pdf`, scan('病理报告（示范）'))
await writeFile(`${folder}mandate.pdf`, scan('委托书（示范）'))
await writeFile(
  `${folder}claim.json`,
  `${JSON.stringify(
    {
      event: {
        kind: 'diagnosis',
        dates: { diagnosis: '2026-07-03', pathology: '2026-07-06' },
        codes: { diagnosis: 'C73', severity: 'severe', cause: 'disease' },
      },
      words: '体检发现结节，手术后病理确诊',
      nameInNotice: true,
      payee: { name: people[0]?.name, account: '6222 0200 0000 0012', branch: '示范银行东市支行' },
    },
    null,
    2,
  )}\n`,
)
await writeFile(
  `${folder}account.json`,
  `${JSON.stringify({ name: people[0]?.name, account: '6222 0200 0000 0099', branch: '示范银行东市支行' }, null, 2)}\n`,
)
