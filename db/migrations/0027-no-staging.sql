-- Rows of a roster arrive as columns, each one parameter of the statement that puts them on it: nothing lies in between.
drop table enrolment.staged_row;
