-- 由数据库管理员（超级用户）执行一次，见 docs/guides/own-server.zh-CN.md：
--   psql -v owner_password=甲 -v server_password=乙 -f roles.sql postgres
-- Run once by the administrator of the server. The application itself is never a superuser.
create role tongzhou_owner login password :'owner_password';
create role tongzhou_server login noinherit password :'server_password';
create role tongzhou_app nologin;
create role tongzhou_ledger nologin;
grant tongzhou_app to tongzhou_server;
grant tongzhou_ledger to tongzhou_owner;
create database tongzhou owner tongzhou_owner encoding 'UTF8' locale 'C' template template0;
revoke all on database tongzhou from public;
grant connect on database tongzhou to tongzhou_server;
