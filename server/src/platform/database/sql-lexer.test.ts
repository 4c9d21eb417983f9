import { expect, test } from 'vitest'
import { statementsOf } from './sql-lexer.ts'

test('a semicolon inside a text, a name, a comment or a body ends nothing', () => {
  const file = `
    -- first; comment
    create table a (b text default 'x;''y');
    /* outer /* inner; */ still; */
    insert into "odd;name" values (E'it\\'s; fine');
    do $body$ begin perform 1; end $body$;
    create function f() returns int language sql begin atomic select case when true then 1 else 2 end; select 2; end;
    select $1, $$;$$ -- last; without an end`
  expect(statementsOf(file)).toHaveLength(5)
  expect(statementsOf(file)[3]).toContain('select 2; end')
})

test('empty statements and files of comments only give nothing', () => {
  expect(statementsOf(' ; ;\n-- nothing\n/* at all */')).toEqual([])
})

test('what is never closed is said, not guessed', () => {
  for (const broken of ["select 'a", 'select "a', 'select $x$ a', '/* a'])
    expect(() => statementsOf(broken)).toThrow('never closed')
})
