/** What can be wrong with a row of a roster, worded for the officer who mends it. `warn` asks her to look; the row counts. */
export const rosterDefects = {
  formula_unread: { level: 'mend', zh: '“{columns}”一栏是公式，没有结果：请把这一栏粘贴成数值，保存后再交' },
  name_missing: { level: 'mend', zh: '没有姓名，请补上' },
  name_odd: { level: 'mend', zh: '姓名里有数字或符号“{given}”，请核对' },
  name_too_long: { level: 'mend', zh: '姓名太长，请核对是否把别的内容写进了姓名栏' },
  name_spaces: { level: 'warn', zh: '姓名中间有空格，已按“没有空格”处理，请确认' },
  paper_missing: { level: 'mend', zh: '没有证件号码，请补上' },
  paper_as_number: { level: 'mend', zh: '证件号码被表格存成了数字，后几位已丢失。请把这一列设为“文本”格式后重新填写' },
  paper_15_digits: { level: 'mend', zh: '这是 15 位的旧号码，请填写现在的 18 位身份证号' },
  paper_length: { level: 'mend', zh: '证件号码的位数不对，请对照证件核对' },
  paper_sign: { level: 'mend', zh: '身份证号里有不该出现的字符（例如字母 O 写成了数字 0），请核对' },
  paper_birth_day: { level: 'mend', zh: '身份证号里的出生日期不存在，请核对' },
  paper_region: { level: 'mend', zh: '身份证号的前两位不是地区代码，请核对' },
  paper_check_digit: { level: 'mend', zh: '身份证号的校验位不对，多半是抄错了一位，请对照证件核对' },
  paper_kind_unknown: { level: 'mend', zh: '看不出是哪种证件，请在“证件类型”一栏写明，如“护照”' },
  paper_hidden: {
    level: 'mend',
    zh: '证件号码有遮挡，而“原行号”没有或不是最近一期名单的。请保留下载时的原行号，或填写完整的证件号码',
  },
  paper_of_other_row: { level: 'mend', zh: '证件号码与“原行号”对不上，请保留下载时的原行号，或填写完整的证件号码' },
  sex_differs: { level: 'warn', zh: '“性别”一栏与身份证号不一致，已按身份证号处理，请确认' },
  sex_needed: { level: 'mend', zh: '这种证件看不出性别，请在“性别”一栏写明男或女' },
  sex_wrong: { level: 'mend', zh: '本计划只保障女职工，请从名单里去掉' },
  born_needed: { level: 'mend', zh: '这种证件看不出年龄，请在“出生日期”一栏写明，如 1988-07-01' },
  too_young: { level: 'mend', zh: '起保时 {age} 周岁，未满最低年龄 {limit} 周岁，不能参加' },
  too_old: { level: 'mend', zh: '起保时 {age} 周岁，超过最高年龄 {limit} 周岁，不能参加' },
  retired: { level: 'mend', zh: '起保时已到法定退休年龄，不能参加；延迟退休的请附上证明，联系代办处' },
  not_met: { level: 'mend', zh: '不符合本计划的参加条件（{fact}），请从名单里去掉' },
  not_known: { level: 'warn', zh: '本计划还要求“{fact}”，名单里没有这一项，请单位自行核对' },
  option_wrong: { level: 'mend', zh: '请在“档次”一栏写明参保档次：{options}' },
  shares_wrong: { level: 'mend', zh: '份数应是 1 至 {limit} 的整数' },
  shares_differ: { level: 'mend', zh: '本计划要求同一单位各人份数相同，请改成一致' },
  twice_in_file: { level: 'mend', zh: '与第 {row} 行是同一个人，请只留一行' },
  others_first: { level: 'mend', zh: '本行没有问题；您选择了“全部改好再收”，请改好其他行后一起提交' },
  name_differs: {
    level: 'warn',
    zh: '姓名与登记的不一致，请对照证件核对；本行已接收，姓名以登记的为准，登记有误请联系代办处更正',
  },
  changed_on_roster: { level: 'warn', zh: '此人以前已交进这份名单，份数、档次或工号与那次不同，已改按本行' },
  covered_elsewhere: { level: 'mend', zh: '此人在保障期内已参加本计划，不能重复参加；如有疑问请联系办事处' },
} as const satisfies Record<string, { level: 'mend' | 'warn'; zh: string }>

export type DefectCode = keyof typeof rosterDefects
export interface Defect {
  readonly code: DefectCode
  readonly facts?: Readonly<Record<string, string | number>>
}

export const defectText = ({ code, facts }: Defect): string =>
  rosterDefects[code].zh.replace(/\{(\w+)\}/g, (_, name: string) => String(facts?.[name] ?? ''))
