-- One receipt may go to one notice in several parts: the rest of it when a doubt is settled, or when another payer paid less than
-- was said. What is freed of a notice again hangs on the very allocation that it takes back, no longer on receipt and notice.
alter table contributions.freed drop constraint freed_office_id_receipt_id_notice_id_fkey;
alter table contributions.allocation drop constraint allocation_office_id_receipt_id_notice_id_key;
alter table contributions.allocation add unique (office_id, id, receipt_id, notice_id);
create index allocation_receipt on contributions.allocation (office_id, receipt_id, notice_id);

alter table contributions.freed add column allocation_id bigint;
-- Until now there was one allocation of a receipt to a notice.
update contributions.freed f set allocation_id = a.id from contributions.allocation a
 where a.office_id = f.office_id and a.receipt_id = f.receipt_id and a.notice_id = f.notice_id;
alter table contributions.freed alter column allocation_id set not null;
alter table contributions.freed drop constraint freed_pkey, add primary key (office_id, allocation_id);
alter table contributions.freed add foreign key (office_id, allocation_id, receipt_id, notice_id)
  references contributions.allocation (office_id, id, receipt_id, notice_id);
create index freed_receipt on contributions.freed (office_id, receipt_id);
