import { chineseDay, day, lastDay } from '#kernel/days.ts'
import { yuan } from '#kernel/money.ts'
import { html, page } from '#platform/http/page.ts'
import type { ListHead, ListRow } from './store.ts'

export interface PaidTotal {
  readonly year: number
  readonly plan: string
  readonly personTimes: number
  readonly persons: number
  readonly paidFen: number
}
export interface About {
  readonly association: string
  readonly demonstration: boolean
  readonly offices: number
  readonly words: Readonly<Record<string, string>>
}

const count = (n: number): string => n.toLocaleString('en-US')

/** The open page: what was paid, in total and by plan, to how many persons and person-times. */
export const publicPage = (
  about: About,
  totals: readonly PaidTotal[],
  titles: ReadonlyMap<string, string>,
  k: number,
): string => {
  const years = [...new Set(totals.map((row) => row.year))].sort((a, b) => b - a)
  const plan = about.words.plan ?? '计划'
  const titleOf = (name: string): string => (name === 'other' ? `其他${plan}` : (titles.get(name) ?? name))
  const table = (year: number) => {
    const rows = totals.filter((row) => row.year === year && row.plan !== 'all')
    const all = totals.find((row) => row.year === year && row.plan === 'all')
    return html`<section><h2>${year} 年</h2>${
      all &&
      html`<dl class="figures"><div><dt>给付金额</dt><dd>¥${yuan(all.paidFen)}</dd></div><div><dt>受益</dt><dd>${count(all.persons)} 人</dd></div><div><dt>给付</dt><dd>${count(all.personTimes)} 人次</dd></div></dl>`
    }${
      rows.length === 1 && rows[0]?.plan === 'other'
        ? html`<p class="small">有的${plan}得到给付的人不多，为保护个人隐私合在一起公布。</p>`
        : rows.length > 0 &&
          html`<table><thead><tr><th scope="col">${plan}</th><th scope="col" class="n">人次</th><th scope="col" class="n">人</th><th scope="col" class="n">金额（元）</th></tr></thead><tbody>${rows.map(
            (row) =>
              html`<tr><td>${titleOf(row.plan)}</td><td class="n">${count(row.personTimes)}</td><td class="n">${count(row.persons)}</td><td class="n">${yuan(row.paidFen)}</td></tr>`,
          )}</tbody></table>`
    }</section>`
  }
  return page(
    `${about.association} · 信息公开`,
    html`<header><p class="brand">同舟</p><h1>${about.association || '同舟'}</h1><p>职工互助，同舟共济。这里公开互助金付给了多少人、多少钱。</p>${
      about.demonstration && html`<p class="demo">这是示范数据，其中的人和单位都不存在。</p>`
    }</header><main>${
      years.length > 0
        ? years.map(table)
        : html`<section class="empty"><h2>还没有可以公开的给付</h2><p>有互助金付出、并且达到 ${k} 人以后，这里会按年份和${plan}列出人数、人次和金额。</p></section>`
    }<section><h2>这些数字怎么看</h2><ul><li>“人次”是给付的次数，“人”是不同的人：一个人得到两次给付，是 2 人次、1 人。</li><li>为保护个人隐私，得到给付不足 ${k} 人的${plan}不单独列出，合在一起公布；这里没有任何人的姓名、单位或病情。</li><li>给付名单只在本单位公示，会员登录后可以看到本单位正在公示的名单。</li></ul></section></main><footer><p>${about.offices} 个办事处 · <a href="/reference">接口说明</a></p></footer>`,
  )
}

/** A list for the unit's board, on A4: number, days, masked name or none, amount. Nothing else is known here. */
export const boardPage = (association: string, list: ListHead, rows: readonly ListRow[], office: string): string =>
  page(
    `公示 ${list.number}`,
    html`<main class="board"><header><h1>互助金给付公示</h1><p>${list.unit}</p><p class="small">编号 ${list.number} · 公示期 ${chineseDay(day(list.opensOn))} 至 ${chineseDay(lastDay({ from: day(list.opensOn), until: day(list.until) }))}（含首尾两日）</p></header>
<table><thead><tr><th scope="col" class="n">序号</th><th scope="col">姓名</th><th scope="col">单位</th><th scope="col" class="n">金额（元）</th></tr></thead><tbody>${rows.map(
      (row) =>
        html`<tr><td class="n">${row.line}</td><td>${row.maskedName ?? '（不公开姓名）'}</td><td>${list.unit}</td><td class="n">${yuan(row.amountFen)}</td></tr>`,
    )}</tbody><tfoot><tr><td></td><td colspan="2">合计 ${list.rows} 笔</td><td class="n">${yuan(list.totalFen)}</td></tr></tfoot></table>
<p>${list.beforePayment ? '公示期满没有异议的，即行支付。' : '以上款项已经支付。'}对公示有异议的，请在公示期内向${office}提出。公示期满即撤下，请勿拍照传播。</p><p class="sign">${association}<br>${office}<br>${chineseDay(day(list.opensOn))}</p></main>`,
  )
