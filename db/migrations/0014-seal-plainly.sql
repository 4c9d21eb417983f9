-- Accounts and funds are signs that JSON needs no escapes for (their checks in 0007-ledger.sql say so): quoted by hand, the
-- text of an entry is the same to the byte, and a journal of ten thousand lines is sealed in two thirds of the time.
create or replace function ledger.entry_line(e ledger.entry) returns text
  language sql stable parallel safe
  return '[' || e.line || ',"' || e.account || '","' || e.fund || '",' || e.amount_fen || ','
    || coalesce(e.about::text, 'null') || ']';
