import { kinRelations } from '#contract/kin.ts'
import { parseYuan } from '#kernel/money.ts'
import { table, UsageError } from '../io.ts'
import { apiVerb, type Called, type Verb } from '../verb.ts'
import { secondStep, secondStepUsage } from './second-step.ts'
import { askUnseen } from './sign-in.ts'

interface Identity {
  readonly id: number
  readonly issuer: string
  readonly since: string
  readonly byHerself: boolean
}

/** The identities that open a login by single sign-on, as a table. */
const showIdentities = async ({ api, show }: Called, path: string): Promise<void> => {
  const rows = (await api.get(path)).json<Identity[]>()
  show(rows, () =>
    table(
      ['编号', '统一身份平台', '关联时间', '由谁关联'],
      rows.map((row) => [row.id, row.issuer, row.since, row.byHerself ? '本人' : '管理员']),
    ),
  )
}

/** The head office gives an office somebody: a watcher, or a hand for a term. */
const fromAbove = async (
  { api, word, need, show }: Called,
  as: 'watchers' | 'lent-hands',
  term: { until: string | null },
  done: string,
): Promise<void> => {
  const office = word(0, '办事处编号')
  const body = {
    name: word(1, '姓名'),
    login: need('login'),
    role: need('role'),
    from: need('from'),
    ...term,
    resolution: need('resolution'),
    reason: need('reason'),
  }
  const given = (await api.post(`/offices/${office}/${as}`, body)).json<{ staffId: number; password: string }>()
  show(given, () => `${done}，编号 ${given.staffId}\n临时密码 ${given.password}（只显示这一次）`)
}

export const staff: Verb = apiVerb(
  'staff',
  {
    zh: '工作人员：列出、添加、任职、停任、重设密码、单点登录的关联、登记本人和亲属是哪位会员、限额、借调',
    en: 'officers: list, add, appoint, end, reset a password, single sign-on, themselves and kin among the members, limits, lent hands',
    usage: [
      'staff list',
      'staff add 姓名 --login 用户名 --reason 原因',
      'staff appoint 工作人员编号 --role 岗位 --from 日期 [--until 日期] [--unit 编号 | --agency 编号 | --point 编号] [--part-time] [--deputy-for 任职编号] --reason 原因',
      'staff end 任职编号 --on 日期 --reason 原因',
      'staff reset 工作人员编号 --reason 原因',
      'staff sign-out 工作人员编号 --reason 原因',
      'staff phone 工作人员编号 [--none] --reason 原因（收验证码的手机号在提示后输入，或从标准输入读一行）',
      'staff second-step-off 工作人员编号 --reason 原因（解除丢失的验证器和 SM2 钥匙）',
      'staff identities 工作人员编号',
      'staff identify 工作人员编号 统一身份平台的编号 --reason 原因',
      'staff unidentify 工作人员编号 关联编号 --reason 原因',
      'staff link 工作人员编号 会员号 --reason 原因',
      'staff kin 工作人员编号 | staff kin 工作人员编号 会员号 --relation 关系 --reason 原因',
      'staff kin-end 登记编号 --reason 原因',
      'staff limits',
      'staff limit --role 岗位 | --appointment 编号 --most 元 --from 日期 --resolution 决议 [--plan 计划]',
      'staff lend 办事处编号 姓名 --login 用户名 --role 岗位 --from 日期 --until 日期 --resolution 决议 --reason 原因',
      'staff watcher 办事处编号 姓名 --login 用户名 --role 岗位 --from 日期 --resolution 决议 --reason 原因',
    ],
  },
  [
    'login',
    'reason',
    'role',
    'from',
    'until',
    'unit',
    'agency',
    'point',
    'deputy-for',
    'on',
    'appointment',
    'most',
    'resolution',
    'plan',
    'relation',
  ],
  {
    list: async ({ api, show }) => {
      const rows = (await api.get('/staff')).json<
        {
          id: number
          name: string | null
          login: string | null
          appointments: {
            id: number
            office: number
            role: string
            place: { kind: string; id: number } | null
            from: string
            until: string | null
            fullTime: boolean
          }[]
        }[]
      >()
      show(rows, () =>
        table(
          ['编号', '姓名', '用户名', '任职', '岗位', '地方', '起', '止（不含）'],
          rows.flatMap((row) =>
            (row.appointments.length > 0 ? row.appointments : [null]).map((each) => [
              row.id,
              row.name,
              row.login,
              each?.id ?? null,
              each?.role ?? null,
              each?.place ? `${each.place.kind} ${each.place.id}` : each ? `office ${each.office}` : null,
              each?.from ?? null,
              each?.until ?? null,
            ]),
          ),
        ),
      )
    },
    add: async ({ api, words, need, show }) => {
      if (!words[0]) throw new UsageError('请写明姓名')
      const body = { name: words[0], login: need('login'), reason: need('reason') }
      const done = (await api.post('/staff', body)).json<{ staffId: number; password: string }>()
      show(done, () => `已添加，编号 ${done.staffId}\n临时密码 ${done.password}（只显示这一次，首次登录后要改）`)
    },
    appoint: async ({ api, word, need, flag, flags, show }) => {
      const kind = (['unit', 'agency', 'point'] as const).find((each) => flag(each))
      const body = {
        role: need('role'),
        from: need('from'),
        reason: need('reason'),
        until: flag('until') ?? null,
        place: kind ? { kind, id: Number(flag(kind)) } : null,
        fullTime: !flags.has('part-time'),
        deputyFor: flag('deputy-for') ? Number(flag('deputy-for')) : null,
      }
      const done = (await api.post(`/staff/${word(0, '工作人员编号')}/appointments`, body)).json<{
        appointmentId: number
      }>()
      show(done, () => `已任职，任职编号 ${done.appointmentId}`)
    },
    end: async ({ api, word, need, show }) => {
      const body = { on: need('on'), reason: need('reason') }
      const done = (await api.post(`/appointments/${word(0, '任职编号')}/end`, body)).json<{ on: string }>()
      show(done, () => `已停任，自 ${done.on} 起`)
    },
    reset: async ({ api, word, need, show }) => {
      const path = `/staff/${word(0, '工作人员编号')}/password-reset`
      const done = (await api.post(path, { reason: need('reason') })).json<{ password: string }>()
      show(done, () => `临时密码 ${done.password}（只显示这一次）`)
    },
    phone: async ({ api, word, need, flags, show }) => {
      const path = `/staff/${word(0, '工作人员编号')}/phone`
      const reason = need('reason')
      // Not in the command: others on this machine could read it there.
      const phone = flags.has('none') ? null : (await askUnseen('手机号 mobile number'))[0].trim()
      const done = (await api.post(path, { phone, reason })).json<{ phone: string | null }>()
      show(done, () => `${done.phone ? `已登记 ${done.phone}` : '已取消手机号'}，她的登录已全部退出。`)
    },
    'second-step-off': async ({ api, word, need, show }) => {
      const path = `/staff/${word(0, '工作人员编号')}/second-step/removal`
      const done = (await api.post(path, { reason: need('reason') })).json<object>()
      show(done, () => '已解除，她的登录已全部退出；请她登录后重新绑定。')
    },
    'sign-out': async ({ api, word, need, show }) => {
      const path = `/staff/${word(0, '工作人员编号')}/sessions/end`
      const done = (await api.post(path, { reason: need('reason') })).json<{ ended: number }>()
      show(done, () => `已让 ${done.ended} 次登录失效`)
    },
    identities: (called) => showIdentities(called, `/staff/${called.word(0, '工作人员编号')}/oidc-links`),
    identify: async ({ api, word, need, show }) => {
      const body = { subject: word(1, '统一身份平台的编号'), reason: need('reason') }
      const path = `/staff/${word(0, '工作人员编号')}/oidc-links`
      const done = (await api.post(path, body)).json<{ linkId: number }>()
      show(done, () => `已关联，编号 ${done.linkId}；本人现有的登录已全部退出。`)
    },
    unidentify: async ({ api, word, need, show }) => {
      const path = `/staff/${word(0, '工作人员编号')}/oidc-links/${word(1, '关联编号')}/removal`
      const done = (await api.post(path, { reason: need('reason') })).json<object>()
      show(done, () => '已解除关联，本人的登录已全部退出。')
    },
    link: async ({ api, word, words, need, show }) => {
      word(1, '会员号')
      const body = { memberNumber: words[1], reason: need('reason') }
      const done = (await api.post(`/staff/${word(0, '工作人员编号')}/person`, body)).json<{ from: string }>()
      show(done, () => `已登记，自 ${done.from} 起回避本人的申领`)
    },
    kin: async ({ api, word, words, need, show }) => {
      const path = `/staff/${word(0, '工作人员编号')}/kin`
      if (!words[1]) {
        const rows = (await api.get(path)).json<
          { id: number; relation: keyof typeof kinRelations; from: string; until: string | null }[]
        >()
        show(rows, () =>
          rows.length === 0
            ? '没有登记近亲属。'
            : table(
                ['登记', '关系', '起', '止（不含）'],
                rows.map((row) => [row.id, kinRelations[row.relation], row.from, row.until]),
              ),
        )
        return
      }
      const asked = need('relation')
      const relation = Object.entries(kinRelations).find(([key, zh]) => key === asked || zh === asked)?.[0]
      if (!relation) throw new UsageError(`--relation 是其中之一：${Object.values(kinRelations).join('、')}`)
      const body = { memberNumber: words[1], relation, reason: need('reason') }
      const done = (await api.post(path, body)).json<{ kinId: number; from: string }>()
      show(done, () => `已登记，编号 ${done.kinId}，自 ${done.from} 起回避这位亲属的申领`)
    },
    'kin-end': async ({ api, word, need, show }) => {
      const path = `/kin/${word(0, '登记编号')}/end`
      const done = (await api.post(path, { reason: need('reason') })).json<{ on: string }>()
      show(done, () => `已结束，自 ${done.on} 起`)
    },
    limits: async ({ api, show }) => {
      const rows = (await api.get('/limits')).json<
        {
          id: number
          role: string | null
          appointmentId: number | null
          plan: string | null
          part: string | null
          mostFen: number
          from: string
          resolution: string
        }[]
      >()
      show(rows, () =>
        rows.length === 0
          ? '没有设定限额：决定权限不限金额。'
          : table(
              ['编号', '岗位或任职', '计划', '项目', '最多（元）', '起', '决议'],
              rows.map((row) => [
                row.id,
                row.role ?? row.appointmentId,
                row.plan ?? '全部',
                row.part ?? '全部',
                (row.mostFen / 100).toFixed(2),
                row.from,
                row.resolution,
              ]),
            ),
      )
    },
    limit: async ({ api, need, flag, show }) => {
      const mostFen = parseYuan(need('most'))
      if (mostFen === null) throw new UsageError('--most 写成元，如 5000 或 5000.00')
      const body = {
        role: flag('role') ?? null,
        appointmentId: flag('appointment') ? Number(flag('appointment')) : null,
        plan: flag('plan') ?? null,
        mostFen,
        from: need('from'),
        until: flag('until') ?? null,
        resolution: need('resolution'),
      }
      const done = (await api.post('/limits', body)).json<{ limitId: number }>()
      show(done, () => `已设定，编号 ${done.limitId}`)
    },
    lend: (called) => fromAbove(called, 'lent-hands', { until: called.need('until') }, '已借调'),
    watcher: (called) => fromAbove(called, 'watchers', { until: called.flag('until') ?? null }, '已任命'),
  },
  ['part-time', 'none'],
)

export const stop: Verb = apiVerb(
  'stop',
  {
    zh: '紧急停止支付或一个计划：两个人停，两个人恢复',
    en: 'emergency stop of payments or of a plan: ordered by two, lifted by two',
    usage: [
      'stop list',
      'stop order payments|plan [--plan 计划] --reason 原因',
      'stop confirm 编号',
      'stop lift 编号 --reason 原因',
      'stop lift-confirm 编号',
    ],
  },
  ['plan', 'reason'],
  {
    list: async ({ api, show }) => {
      const rows = (await api.get('/stops')).json<
        { id: number; office: number; what: string; plan: string | null; reason: string; steps: { step: string }[] }[]
      >()
      show(rows, () =>
        rows.length === 0
          ? '没有紧急停止。'
          : table(
              ['编号', '办事处', '停止', '到哪一步', '原因'],
              rows.map((row) => [row.id, row.office, row.plan ?? row.what, row.steps.at(-1)?.step ?? '', row.reason]),
            ),
      )
    },
    order: async ({ api, word, need, flag, show }) => {
      const body = { what: word(0, '停止什么'), plan: flag('plan') ?? null, reason: need('reason') }
      const done = (await api.post('/stops', body)).json<{ stopId: number }>()
      show(done, () => `已提出，编号 ${done.stopId}；请另一位有权限的人确认：tongzhou stop confirm ${done.stopId}`)
    },
    confirm: async ({ api, word, show }) => {
      const done = (await api.post(`/stops/${word(0, '编号')}/confirmation`)).json<object>()
      show(done, () => '已停止。')
    },
    lift: async ({ api, word, need, show }) => {
      const done = (await api.post(`/stops/${word(0, '编号')}/lift`, { reason: need('reason') })).json<object>()
      show(done, () => '已申请恢复，请另一位有权限的人确认。')
    },
    'lift-confirm': async ({ api, word, show }) => {
      const done = (await api.post(`/stops/${word(0, '编号')}/lift/confirmation`)).json<object>()
      show(done, () => '已恢复。')
    },
  },
)

export const account: Verb = apiVerb(
  'account',
  {
    zh: '我的登录：改密码、在哪里登录着、退出别处、做过第二步验证的设备、单点登录的关联、第二步验证（验证器、SM2 钥匙、短信）',
    en: 'my own sign-in: password, sessions, devices, identities of single sign-on, second step (authenticator, SM2 key, SMS)',
    usage: [
      'account password        现在的密码、新密码、再一次新密码：在提示后输入，或从标准输入读三行',
      'account sessions',
      'account end 编号 | account end-others',
      'account devices | account forget 设备编号',
      'account identities | account unidentify 关联编号',
      ...secondStepUsage,
    ],
  },
  ['to'],
  {
    password: async ({ api, io }) => {
      const [old, wanted, again] = await askUnseen(
        '现在的密码 current password',
        '新密码 new password',
        '再输一次新密码 the new one once more',
      )
      if (wanted !== again) throw new UsageError('两次输入的新密码不一样，密码没有改：请再试一次。')
      await api.post('/me/password', { old, new: wanted })
      io.out('密码已改，别处的登录已全部退出。')
    },
    sessions: async ({ api, show }) => {
      const rows = (await api.get('/me/sessions')).json<
        {
          id: number
          since: string
          address: string | null
          device: string | null
          newDevice: boolean
          current: boolean
        }[]
      >()
      show(rows, () =>
        table(
          ['编号', '登录时间', '地址', '程序', '设备', ''],
          rows.map((row) => [
            row.id,
            row.since,
            row.address,
            row.device,
            row.newDevice ? '新' : '已知',
            row.current ? '这里' : '',
          ]),
        ),
      )
    },
    end: async ({ api, word, io }) => {
      await api.post(`/me/sessions/${word(0, '编号')}/end`)
      io.out('已退出那次登录。')
    },
    'end-others': async ({ api, show }) => {
      const done = (await api.post('/me/sessions/end-others')).json<{ ended: number }>()
      show(done, () => `已退出别处的 ${done.ended} 次登录。`)
    },
    devices: async ({ api, show }) => {
      const rows = (await api.get('/me/devices')).json<
        { id: number; label: string | null; firstSeen: string; lastSeen: string }[]
      >()
      show(rows, () =>
        table(
          ['编号', '程序', '第一次', '最近一次'],
          rows.map((row) => [row.id, row.label, row.firstSeen, row.lastSeen]),
        ),
      )
    },
    forget: async ({ api, word, io }) => {
      await api.post(`/me/devices/${word(0, '设备编号')}/removal`)
      io.out('已移除，在那台设备上的登录已退出。')
    },
    identities: (called) => showIdentities(called, '/me/oidc-links'),
    unidentify: async ({ api, word, io }) => {
      await api.post(`/me/oidc-links/${word(0, '关联编号')}/removal`)
      io.out('已解除关联，别处的登录已退出。')
    },
    'second-step': secondStep,
  },
)
