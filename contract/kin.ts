/** How a member may be kin of a worker (近亲属), as it is stored and as people say it. */
export const kinRelations = {
  spouse: '配偶',
  parent: '父母',
  child: '子女',
  sibling: '兄弟姐妹',
  in_law: '姻亲',
  other: '其他',
} as const
