import { yuan } from '#kernel/money.ts'
import { table, UsageError } from '../io.ts'
import { allRows, apiVerb, type Verb } from '../verb.ts'

const accountIn = (bytes: Buffer): object => {
  try {
    return JSON.parse(bytes.toString('utf8')) as object
  } catch {
    throw new UsageError('读不懂账户文件：应是 JSON，写 name、account、branch，如 docs/guides/files/account.json')
  }
}

export const pay: Verb = apiVerb(
  'pay',
  {
    zh: '支付：制单、放行、取银行文件、读回单、更正账户',
    en: 'payments: make a batch, release it, fetch the bank file, read the answer, mend an account',
    usage: [
      'pay make',
      'pay release 批次编号 -o 银行文件.csv',
      'pay file 批次编号 -o 银行文件.csv',
      'pay answer 批次编号 回单.csv',
      'pay mend 应付编号 账户.json --reason 理由（文件里写 name、account、branch；账号不写在命令里）',
      'pay show 批次编号',
      'pay list',
    ],
  },
  ['o', 'reason'],
  {
    make: async ({ api, remember, show }) => {
      const done = (await api.post('/payment-batches')).json<{
        batchId: number
        number: string
        items: number
        totalFen: number
      }>()
      remember('batch', done.batchId)
      show(
        done,
        () =>
          `批次 ${done.number}（编号 ${done.batchId}）：${done.items} 笔，${yuan(done.totalFen)} 元。请由另一位放行：pay release ${done.batchId} -o 银行文件.csv`,
      )
    },
    release: async ({ api, id, need, writable, save, show }) => {
      const batch = id(0, '批次编号', 'batch')
      const to = need('o')
      await writable(to)
      const done = (await api.post(`/payment-batches/${batch}/release`)).json<{ items: number; totalFen: number }>()
      await save(to, (await api.get(`/payment-batches/${batch}/file`)).bytes)
      show(
        done,
        () => `已放行 ${done.items} 笔，${yuan(done.totalFen)} 元。银行文件在 ${to}（GB18030），里面有账号，请妥善保管`,
      )
    },
    file: async ({ api, id, need, save, show }) => {
      await save(need('o'), (await api.get(`/payment-batches/${id(0, '批次编号', 'batch')}/file`)).bytes)
      show({ file: need('o') }, () => `银行文件在 ${need('o')}`)
    },
    answer: async ({ api, id, word, words, file, show }) => {
      word(1, '回单文件')
      const done = (
        await api.upload(`/payment-batches/${id(0, '批次编号', 'batch')}/answers`, await file(words[1] ?? ''))
      ).json<{ paid: number; failed: number; paidFen: number; stillOpen: number }>()
      show(
        done,
        () =>
          `成功 ${done.paid} 笔（${yuan(done.paidFen)} 元），失败 ${done.failed} 笔，还没有回音 ${done.stillOpen} 笔`,
      )
    },
    mend: async ({ api, id, word, words, need, file, show }) => {
      word(1, '账户文件')
      const { bytes } = await file(words[1] ?? '')
      const reason = need('reason')
      const done = (
        await api.post(`/payment-dues/${id(0, '应付编号', 'due')}/account`, { ...accountIn(bytes), reason })
      ).json<{ forAttempt: number; isSameName: boolean | null }>()
      const other = done.isSameName === false ? '；收款人姓名与申领时写的不同，请核对凭什么代收' : ''
      show(done, () => `账户已更正，下一批第 ${done.forAttempt} 次支付${other}`)
    },
    show: async ({ api, id, remember, show }) => {
      const batch = (await api.get(`/payment-batches/${id(0, '批次编号', 'batch')}`)).json<{
        number: string
        items: number
        totalFen: number
        releasedOn: string | null
        lines: {
          dueId: number
          reference: string
          name: string
          account: string
          amountFen: number
          outcome: string | null
          reason: string | null
        }[]
      }>()
      remember('due', (batch.lines.find((line) => line.outcome === 'failed') ?? batch.lines[0])?.dueId)
      show(
        batch,
        () =>
          `${batch.number}  ${batch.items} 笔  ${yuan(batch.totalFen)} 元  放行 ${batch.releasedOn ?? '还没有'}\n${table(
            ['应付', '参考号', '户名', '账号', '金额（元）', '结果', '原因'],
            batch.lines.map((line) => [
              line.dueId,
              line.reference,
              line.name,
              line.account,
              yuan(line.amountFen),
              line.outcome === 'paid' ? '成功' : line.outcome === 'failed' ? '失败' : '—',
              line.reason,
            ]),
          )}`,
      )
    },
    list: async ({ api, remember, show }) => {
      const rows = await allRows<{
        id: number
        number: string
        items: number
        totalFen: number
        madeOn: string
        releasedOn: string | null
        paid: number
        failed: number
      }>(api, '/payment-batches')
      remember('batch', rows[0]?.id)
      show(rows, () =>
        rows.length === 0
          ? '还没有支付批次。'
          : table(
              ['编号', '批次', '笔数', '金额（元）', '制单', '放行', '成功', '失败'],
              rows.map((row) => [
                row.id,
                row.number,
                row.items,
                yuan(row.totalFen),
                row.madeOn,
                row.releasedOn,
                row.paid,
                row.failed,
              ]),
            ),
      )
    },
  },
)

export const lists: Verb = apiVerb(
  'lists',
  {
    zh: '公示：生成名单、看正在公示的、取张贴用的页面',
    en: 'public notice: publish lists, show them, print one',
    usage: ['lists publish', 'lists show [公示编号]', 'lists board 公示编号 -o 公示.html'],
  },
  ['o'],
  {
    publish: async ({ api, remember, show }) => {
      const done = (await api.post('/notice-lists')).json<{
        lists: { id: number; number: string; unit: string; rows: number; until: string }[]
      }>()
      remember('list', done.lists[0]?.id)
      show(done, () =>
        table(
          ['编号', '公示号', '单位', '行数', '撤下日'],
          done.lists.map((list) => [list.id, list.number, list.unit, list.rows, list.until]),
        ),
      )
    },
    show: async ({ api, id, words, remember, show }) => {
      if (words[0] === undefined) {
        const rows = (await api.get('/notice-lists')).json<
          { id: number; number: string; unit: string; rows: number; totalFen: number; until: string }[]
        >()
        remember('list', rows[0]?.id)
        return show(rows, () =>
          rows.length === 0
            ? '现在没有正在公示的名单。'
            : table(
                ['编号', '公示号', '单位', '行数', '金额（元）', '撤下日'],
                rows.map((row) => [row.id, row.number, row.unit, row.rows, yuan(row.totalFen), row.until]),
              ),
        )
      }
      const list = (await api.get(`/notice-lists/${id(0, '公示编号', 'list')}`)).json<{
        number: string
        unit: string
        lines: { line: number; maskedName: string | null; amountFen: number }[]
      }>()
      show(
        list,
        () =>
          `${list.number}  ${list.unit}\n${table(
            ['序号', '姓名', '金额（元）'],
            list.lines.map((line) => [line.line, line.maskedName ?? '（不公开姓名）', yuan(line.amountFen)]),
          )}`,
      )
    },
    board: async ({ api, id, need, save, show }) => {
      const page = (await api.get(`/notice-lists/${id(0, '公示编号', 'list')}/board`)).bytes.toString('utf8')
      const style = (await api.get('/tongzhou.css')).bytes.toString('utf8')
      await save(need('o'), page.replace('<link rel="stylesheet" href="/tongzhou.css">', `<style>${style}</style>`))
      show({ file: need('o') }, () => `已保存到 ${need('o')}，用浏览器打开打印`)
    },
  },
)

export const books: Verb = apiVerb(
  'books',
  {
    zh: '某月或某年的账：试算平衡表、各基金收支',
    en: 'trial balance and fund statements of a month or year',
    usage: ['books 2026-03（某月）', 'books 2026（某年）'],
  },
  [],
  {
    '': async ({ api, words, flags, io }) => {
      const [period] = words
      if (!period) throw new UsageError('请写明月份，如 books 2026-03')
      io.out((await api.get(`/books/${encodeURIComponent(period)}?text=${!flags.has('json')}`)).bytes.toString('utf8'))
    },
  },
)
