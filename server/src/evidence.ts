import type pg from 'pg'
import { type Finding, type Source, type Verified, verify } from '#platform/evidence/index.ts'

/** What is sealed, in the words of the association. A new table that only appends is named here and given its line. */
export const sealed: readonly Source[] = [
  { name: 'act', zh: '操作记录', view: 'platform.act_sealed' },
  { name: 'journal', zh: '账目凭证', view: 'ledger.journal_sealed' },
  { name: 'decision', zh: '审核决定', view: 'claims.decision_sealed' },
  { name: 'letter', zh: '决定书', view: 'claims.letter_sealed' },
  { name: 'list', zh: '公示单', view: 'disclosure.list_sealed' },
  { name: 'list-row', zh: '公示明细', view: 'disclosure.row_sealed' },
]

export const verifyEvidence = (
  owner: pg.Pool,
  earlier: readonly { size: number; root: string }[] = [],
): Promise<Verified> => verify(owner, sealed, { earlier })

/** A finding in a sentence: which row, and what was done to it. */
export const findingText = (finding: Finding): string => {
  if ('row' in finding) {
    const { source, office, id, part } = finding.row
    const zh = sealed.find(({ name }) => name === source)?.zh ?? source
    const which = `${zh} ${office}/${id}${part ? `/${part}` : ''}`
    switch (finding.kind) {
      case 'changed':
        return `${which} 被改动过：现在的内容与${finding.seq ? `封存的（第 ${finding.seq} 条）` : '写入时'}不同`
      case 'removed':
        return `${which} 不见了：${finding.seq ? `封存时（第 ${finding.seq} 条）` : '写入时'}还在`
      case 'added':
        return `${which} 没有经过系统写入：它不在封存的记录里`
      case 're-ordered':
        return `${which} 的顺序被改动过：现在是第 ${finding.seq} 条，封存时是第 ${finding.belongsAt} 条`
    }
  }
  switch (finding.kind) {
    case 'gap':
      return `封存记录第 ${finding.from}${finding.to > finding.from ? ` 至 ${finding.to}` : ''} 条不见了`
    case 'rewritten':
      return `封存记录第 ${finding.from} 至 ${finding.to} 条中有的被改写过，与当时的根值不符`
    case 'head':
      return `第 ${finding.size} 条处的根值不见了或被改动过`
    case 'not-consistent':
      return `与您保存的根值不符：当时 ${finding.size} 条，根值 ${finding.root}。此前的历史被改写过，或者这不是同一份数据`
    case 'unknown-source':
      return `封存记录里有不认识的种类 ${finding.source}`
  }
}
